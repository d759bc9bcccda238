import { Type } from 'typebox';
import { int64 } from './scalars.js';

export const StartOptions = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  dryRun: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  kind: Type.Optional(Type.String()),
  paused: Type.Optional(Type.Boolean()),
});
export type StartOptions = Type.Static<typeof StartOptions>;

export const StopOptions = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  dryRun: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  gracePeriod: Type.Optional(int64()),
  kind: Type.Optional(Type.String()),
});
export type StopOptions = Type.Static<typeof StopOptions>;

export const RestartOptions = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  dryRun: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  gracePeriodSeconds: Type.Optional(int64()),
  kind: Type.Optional(Type.String()),
});
export type RestartOptions = Type.Static<typeof RestartOptions>;

export const PauseOptions = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  dryRun: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  kind: Type.Optional(Type.String()),
});
export type PauseOptions = Type.Static<typeof PauseOptions>;

export const UnpauseOptions = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  dryRun: Type.Optional(Type.Array(Type.String(), { 'x-kubernetes-list-type': 'atomic' })),
  kind: Type.Optional(Type.String()),
});
export type UnpauseOptions = Type.Static<typeof UnpauseOptions>;
