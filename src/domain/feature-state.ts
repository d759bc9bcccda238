import type { FeatureState } from '../api/schema/features.js';
import { element, type XmlElement } from './xml.js';

/** A feature that is named is on unless it says `enabled: false`. */
export const isOn = (state: FeatureState): boolean => state.enabled !== false;
export const stateWord = (state: FeatureState): 'on' | 'off' => (isOn(state) ? 'on' : 'off');

/** `<NAME state="on|off"/>` of a feature that is named; undefined for one that is not. */
export const featureFlag = (name: string, state: FeatureState | undefined): XmlElement | undefined =>
  state === undefined ? undefined : element(name, { state: stateWord(state) });
