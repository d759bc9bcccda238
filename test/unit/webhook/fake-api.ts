import { ApiError } from '../../../src/kube/client/api-error.js';

type Body = Record<string, unknown> & { metadata?: { name?: string; resourceVersion?: string } };

/** The little of an API server that is needed: objects by path, resource versions, 404 and 409. */
export class FakeApi {
  readonly objects = new Map<string, Body>();
  writes = 0;
  private version = 0;

  private missing = (path: string) => new ApiError({ code: 404, reason: 'NotFound', message: path });

  get = <T>(path: string): Promise<T> => {
    const object = this.objects.get(path);
    return object ? Promise.resolve(structuredClone(object) as T) : Promise.reject(this.missing(path));
  };
  create = <T>(path: string, body: object): Promise<T> => {
    const at = `${path}/${(body as Body).metadata?.name ?? ''}`;
    if (this.objects.has(at)) return Promise.reject(new ApiError({ code: 409, reason: 'AlreadyExists', message: at }));
    return this.put<T>(at, body as Body);
  };
  update = <T>(path: string, body: object): Promise<T> => {
    const old = this.objects.get(path);
    if (old?.metadata?.resourceVersion !== (body as Body).metadata?.resourceVersion) {
      return Promise.reject(new ApiError({ code: 409, reason: 'Conflict', message: path }));
    }
    return this.put<T>(path, body as Body);
  };
  patches: { path: string; patch: unknown }[] = [];
  patch = <T>(path: string, patch: unknown): Promise<T> => {
    this.patches.push({ path, patch });
    return Promise.resolve({} as T);
  };
  private put<T>(path: string, body: Body): Promise<T> {
    this.version += 1;
    this.writes += 1;
    this.objects.set(path, { ...body, metadata: { ...body.metadata, resourceVersion: String(this.version) } });
    return Promise.resolve({} as T);
  }
}
