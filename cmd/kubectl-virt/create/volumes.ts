import { createHash, randomBytes } from 'node:crypto';
import type { DataVolumeTemplateSpec } from '../../../src/api/schema/virtualmachine.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { LABEL_LENGTH } from '../../../src/api/vmi/instance-label.js';
import { isDnsLabel } from '../../../src/validators/rule/names.js';
import { UsageError } from '../errors.js';
import { Parameters } from './parameters.js';

export interface VolumeFlags {
  'volume-containerdisk'?: string[];
  'volume-pvc'?: string[];
  'volume-import'?: string[];
  'volume-sysprep'?: string[];
  'volume-datasource'?: string[];
  'volume-clone-pvc'?: string[];
  'volume-blank'?: string[];
}

/** A volume that is asked for, with the DataVolume that fills it. */
export interface Asked {
  readonly volume: Volume;
  readonly bootOrder?: number | undefined;
  readonly template?: DataVolumeTemplateSpec;
  /** Whether it may have labels that name an instance type and a preference. */
  readonly mayName: boolean;
}

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** What Kubernetes ends generated names with. */
export const randomWord = (length = 5): string =>
  [...randomBytes(length)].map((byte) => LETTERS[byte % LETTERS.length] ?? '').join('');

const HASH_LENGTH = 8;

/**
 * A name of ours for a disk of this VM, or of this claim. Theirs may have dots and be longer than a volume's, so that
 * of such a one it is the beginning, with a hash that tells it from others that begin alike.
 */
const nameFrom = (whole: string, ending = ''): string => {
  const plain = `${whole}${ending}`;
  if (isDnsLabel(plain)) return plain;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_LENGTH);
  const left = LABEL_LENGTH - HASH_LENGTH - 1 - ending.length;
  return `${whole.replaceAll('.', '-').slice(0, left).replace(/-+$/, '')}-${hash}${ending}`;
};

const defined = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

type Source = Readonly<Record<string, unknown>>;

interface ImportType {
  readonly keys: readonly string[];
  /** Of these the size is that of what is copied. */
  readonly sized?: false;
  readonly mayName?: true;
  readonly source: (given: Parameters) => Source;
}

const WEB = ['url', 'secretref', 'certconfigmap'] as const;
const web = (given: Parameters): Record<string, unknown> =>
  defined({
    url: given.get('url'),
    secretRef: given.name('secretref'),
    certConfigMap: given.name('certconfigmap'),
  });
const fromWeb = (given: Parameters): Record<string, unknown> => {
  given.require('url');
  return web(given);
};

const IMPORTS: Readonly<Record<string, ImportType>> = {
  blank: { keys: [], source: () => ({ source: { blank: {} } }) },
  gcs: { keys: ['url', 'secretref'], source: (given) => ({ source: { gcs: fromWeb(given) } }) },
  s3: { keys: WEB, source: (given) => ({ source: { s3: fromWeb(given) } }) },
  http: {
    keys: [...WEB, 'extraheaders', 'secretextraheaders'],
    source: (given) => {
      const headers = {
        extraHeaders: given.list('extraheaders'),
        secretExtraHeaders: given.list('secretextraheaders'),
      };
      return { source: { http: { ...fromWeb(given), ...defined(headers) } } };
    },
  },
  registry: {
    keys: [...WEB, 'imagestream', 'pullmethod'],
    mayName: true,
    source: (given) => {
      const imageStream = given.get('imagestream');
      if ((given.get('url') === undefined) === (imageStream === undefined))
        throw given.problem('it takes url or imagestream', 'Give one of both.');
      return { source: { registry: defined({ ...web(given), imageStream, pullMethod: given.get('pullmethod') }) } };
    },
  },
  imageio: {
    keys: [...WEB, 'diskid'],
    source: (given) => ({ source: { imageio: { ...fromWeb(given), diskId: given.require('diskid') } } }),
  },
  vddk: {
    keys: ['url', 'secretref', 'uuid', 'backingfile', 'thumbprint', 'initimageurl'],
    source: (given) => ({
      source: {
        vddk: {
          ...fromWeb(given),
          ...defined({
            uuid: given.require('uuid'),
            backingFile: given.require('backingfile'),
            thumbprint: given.require('thumbprint'),
            initImageURL: given.get('initimageurl'),
          }),
        },
      },
    }),
  },
  pvc: {
    keys: ['src'],
    sized: false,
    mayName: true,
    source: (given) => ({ source: { pvc: given.requirePlace('src') } }),
  },
  snapshot: {
    keys: ['src'],
    sized: false,
    mayName: true,
    source: (given) => ({ source: { snapshot: given.requirePlace('src') } }),
  },
  ds: {
    keys: ['src'],
    sized: false,
    mayName: true,
    source: (given) => ({ sourceRef: { kind: 'DataSource', ...given.requirePath('src') } }),
  },
};

const imported = (given: Parameters, type: string, otherwise: string): Asked => {
  const how = Object.hasOwn(IMPORTS, type) ? IMPORTS[type] : undefined;
  if (how === undefined) throw given.problem(`type is "${type}"`, `Use ${Object.keys(IMPORTS).join(', ')}.`);
  given.allow('type', 'name', 'size', 'bootorder', ...how.keys);
  const name = given.name('name') ?? otherwise;
  const size = given.size();
  if (size === undefined && how.sized !== false) throw given.problem('"size" is missing', 'Add size:10Gi.');
  const storage = size === undefined ? {} : { resources: { requests: { storage: size } } };
  return {
    volume: { name, dataVolume: { name } },
    bootOrder: given.bootOrder(),
    mayName: how.mayName === true,
    template: { metadata: { name }, spec: { ...how.source(given), storage } },
  };
};

/** The deprecated flags: each is --volume-import of one type. */
const older = (flag: string, type: string) => (text: string, vmName: string, index: number) =>
  imported(new Parameters(flag, text), type, nameFrom(vmName, `-${type}-${index}`));

const containerDisk = (text: string, vmName: string, index: number): Asked => {
  const given = new Parameters('volume-containerdisk', text).allow('src', 'name', 'bootorder');
  const name = given.name('name') ?? nameFrom(vmName, `-containerdisk-${index}`);
  return {
    volume: { name, containerDisk: { image: given.require('src') } },
    bootOrder: given.bootOrder(),
    mayName: false,
  };
};

const claim = (text: string): Asked => {
  const given = new Parameters('volume-pvc', text).allow('src', 'name', 'bootorder');
  const claimName = given.requireName('src');
  const name = given.name('name') ?? nameFrom(claimName);
  return { volume: { name, persistentVolumeClaim: { claimName } }, bootOrder: given.bootOrder(), mayName: true };
};

const fetched = (text: string): Asked => {
  const given = new Parameters('volume-import', text);
  return imported(given, given.require('type').toLowerCase(), `imported-volume-${randomWord()}`);
};

/** In the order in which the guest tries to boot from them. */
const KINDS: readonly (readonly [
  flag: keyof VolumeFlags,
  read: (text: string, vmName: string, index: number) => Asked,
])[] = [
  ['volume-containerdisk', containerDisk],
  ['volume-pvc', claim],
  ['volume-datasource', older('volume-datasource', 'ds')],
  ['volume-clone-pvc', older('volume-clone-pvc', 'pvc')],
  ['volume-blank', older('volume-blank', 'blank')],
  ['volume-import', fetched],
];

/** The volumes that are disks, the first the one that the guest boots from. @throws UsageError */
export const askedVolumes = (flags: VolumeFlags, vmName: string): Asked[] => {
  const asked = KINDS.flatMap(([flag, read]) => (flags[flag] ?? []).map((text, index) => read(text, vmName, index)));
  const numbers = asked.flatMap(({ bootOrder }) => bootOrder ?? []);
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (twice !== undefined)
    throw new UsageError(`bootorder ${twice} is given to two volumes`, { remedy: 'Give each its own.' });
  const names = asked.map(({ volume }) => volume.name);
  const alike = names.find((name, index) => names.indexOf(name) !== index);
  if (alike !== undefined)
    throw new UsageError(`two volumes are called "${alike}"`, { remedy: 'Give each its own, with name:NAME.' });
  return asked.toSorted((a, b) => (a.bootOrder ?? Infinity) - (b.bootOrder ?? Infinity) || 0);
};

/** The volumes that Windows' setup reads. */
export const sysprepVolumes = ({ 'volume-sysprep': texts = [] }: VolumeFlags): Volume[] => {
  if (texts.length > 1) throw new UsageError('--volume-sysprep is given twice', { remedy: 'A guest reads one.' });
  return texts.map((text) => {
    const given = new Parameters('volume-sysprep', text).allow('src', 'type');
    const name = given.requireName('src');
    const of = given.oneOf('type', ['configmap', 'secret'], 'configmap');
    return { name: 'sysprepdisk', sysprep: of === 'secret' ? { secret: { name } } : { configMap: { name } } };
  });
};
