import { hidden, ok, problem, warning, type Check } from './check.js';
import { settingsOf } from './programs.js';
import { becauseOf, type Reader } from './reader.js';

interface StorageClass {
  readonly metadata?: { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
}

const isDefault = ({ metadata }: StorageClass): boolean =>
  metadata?.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';

/** Claims name a class, or get the default one. */
export const checkStorage = async (reader: Reader): Promise<Check> => {
  const about = 'storage';
  const read = await reader.list<StorageClass>('/apis/storage.k8s.io/v1/storageclasses');
  if (read.is === 'hidden') return hidden(about, 'list storageclasses');
  if (read.is !== 'there') return problem(about, `the StorageClasses cannot be listed${becauseOf(read)}`);
  const names = read.content.map(({ metadata }) => metadata?.name ?? '');
  const settings = await settingsOf(reader);
  const forState = settings.is === 'there' ? settings.content[0]?.spec.configuration?.vmStateStorageClass : undefined;
  if (forState !== undefined && !names.includes(forState))
    return problem(
      about,
      `vmStateStorageClass of the KubeVirt object is ${forState}, which does not exist`,
      'Create that class or name another: VMs that keep firmware or TPM wait for it.',
    );
  if (names.length === 0)
    return warning(
      about,
      'there is no StorageClass: claims wait until somebody makes their volumes by hand',
      'Install a provisioner. VMs without claims need none.',
    );
  const [byDefault] = read.content.filter(isDefault);
  return byDefault === undefined
    ? warning(
        about,
        `none of ${names.length} StorageClasses is the default: claims that name none wait`,
        'Annotate one with storageclass.kubernetes.io/is-default-class=true.',
      )
    : ok(about, `StorageClass ${byDefault.metadata?.name ?? ''} is the default`);
};
