import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import ts from 'typescript';

/*
 * Adds a volume source and a device to a copy of the sources that exists in memory only, and asks the compiler what is
 * missing. What it names here is the list of files that such a change touches, besides the schema.
 */

const at = (path: string): string => resolve(import.meta.dirname, '../../../..', path);

const readOptions = (): ts.CompilerOptions => {
  const file = ts.readConfigFile(at('tsconfig.json'), (path) => ts.sys.readFile(path));
  return {
    ...ts.parseJsonConfigFileContent(file.config, ts.sys, at('.')).options,
    ...{ noEmit: true, incremental: false, composite: false, tsBuildInfoFile: undefined },
  };
};

/** A file and what of its text is replaced by what; the text must be there. */
type Edit = readonly [file: string, search: string, replacement: string];

class Copy {
  private readonly options = readOptions();
  private readonly parsed = new Map<string, ts.SourceFile | undefined>();
  private last: ts.Program | undefined;

  /** What the compiler says about the files, each error with its file and the end of its message. */
  errors(files: readonly string[], edits: readonly Edit[]): string[] {
    const texts = new Map<string, string>();
    for (const [file, search, replacement] of edits) {
      const text = texts.get(at(file)) ?? ts.sys.readFile(at(file)) ?? '';
      assert.ok(text.includes(search), `${file} no longer has ${JSON.stringify(search)}`);
      texts.set(
        at(file),
        text.replace(search, () => replacement),
      );
    }
    const host = ts.createCompilerHost(this.options, true);
    const original = host.getSourceFile.bind(host);
    host.getSourceFile = (path, version, ...rest) => {
      const edited = texts.get(path);
      if (edited !== undefined) return ts.createSourceFile(path, edited, version, true);
      if (!this.parsed.has(path)) this.parsed.set(path, original(path, version, ...rest));
      return this.parsed.get(path);
    };
    const program = ts.createProgram({
      rootNames: files.map(at),
      options: this.options,
      host,
      ...(this.last === undefined ? {} : { oldProgram: this.last }),
    });
    this.last = program;
    return files.flatMap((file) =>
      program
        .getSemanticDiagnostics(program.getSourceFile(at(file)))
        .map(({ messageText }) => `${file}: ${missing(ts.flattenDiagnosticMessageText(messageText, '\n'))}`),
    );
  }
}

/** The property that an error says is missing; else the whole error. */
const missing = (message: string): string =>
  /Property '(\w+)' is missing/.exec(message)?.[1] ??
  /missing the following properties.*: (.*)/.exec(message)?.[1] ??
  message;

describe('what is forgotten does not compile', function () {
  // The compiler reads some 200 files; ten seconds on a busy machine.
  this.timeout(300_000);
  const copy = new Copy();

  const SOURCE_FILES = [
    'src/api/vmi/volume-sources.ts',
    'src/launcher/volumes.ts',
    'src/domain/disk-source.ts',
    'src/agent/volumes/prepare.ts',
  ];
  const SCHEMA: Edit = [
    'src/api/schema/volumes.ts',
    '  emptyDisk: Type.Optional(EmptyDiskSource),',
    '  emptyDisk: Type.Optional(EmptyDiskSource),\n  networkDisk: Type.Optional(EmptyDiskSource),',
  ];
  const declare = (lines: string): Edit => [
    'src/api/vmi/volume-sources.ts',
    '  emptyDisk: {\n',
    `  networkDisk: {\n    ...USUAL,\n${lines}\n  },\n  emptyDisk: {\n`,
  ];
  const QUESTIONS = ["image: 'persistent',", "mount: 'content',", 'references: nothing,', "withoutCluster: 'works',"];

  it('the sources as they are compile', () => {
    assert.deepEqual(copy.errors(SOURCE_FILES, []), []);
  });

  it('a volume source of the schema that nobody declared', () => {
    const errors = copy.errors(SOURCE_FILES, [SCHEMA]);
    assert.ok(errors.includes('src/api/vmi/volume-sources.ts: networkDisk'), errors.join('\n'));
  });

  it('a volume source that is declared, and that pod, domain and agent do not know', () => {
    assert.deepEqual(copy.errors(SOURCE_FILES, [SCHEMA, declare(QUESTIONS.join('\n'))]), [
      'src/launcher/volumes.ts: networkDisk',
      'src/domain/disk-source.ts: networkDisk',
      'src/agent/volumes/prepare.ts: networkDisk',
    ]);
  });

  it('one whose image the agent makes needs neither pod nor domain', () => {
    const lines = ["image: CONTENT,\nmount: 'none',", ...QUESTIONS.slice(2)].join('\n');
    assert.deepEqual(copy.errors(SOURCE_FILES, [SCHEMA, declare(lines)]), [
      'src/agent/volumes/prepare.ts: networkDisk',
    ]);
  });

  for (const left of QUESTIONS) {
    it(`a declaration without ${left.split(':')[0]}`, () => {
      const lines = QUESTIONS.filter((each) => each !== left).join('\n');
      const errors = copy.errors(SOURCE_FILES.slice(0, 1), [SCHEMA, declare(lines)]);
      assert.ok(errors.includes(`src/api/vmi/volume-sources.ts: ${left.split(':')[0]}`), errors.join('\n'));
    });
  }

  const DEVICE_FILES = ['src/api/vmi/devices.ts', 'src/domain/device-list.ts', 'src/validators/devices/devices.ts'];
  const DEVICE_SCHEMA: Edit = [
    'src/api/schema/devices.ts',
    '  rng: Type.Optional(Rng),',
    '  rng: Type.Optional(Rng),\n  smartCard: Type.Optional(Rng),',
  ];
  const declareDevice = (entry: string): Edit => [
    'src/api/vmi/devices.ts',
    '  rng: ACTED_ON,',
    `  rng: ACTED_ON,\n  smartCard: ${entry},`,
  ];

  it('a device of the schema that nobody declared', () => {
    const errors = copy.errors(DEVICE_FILES, [DEVICE_SCHEMA]);
    assert.ok(errors.includes('src/api/vmi/devices.ts: smartCard'), errors.join('\n'));
  });

  it('a device that is declared, and that nobody builds; one with a feature gate, and no rule for it', () => {
    assert.deepEqual(copy.errors(DEVICE_FILES, [DEVICE_SCHEMA, declareDevice("{ ...ACTED_ON, gate: 'SmartCard' }")]), [
      'src/domain/device-list.ts: smartCard',
      'src/validators/devices/devices.ts: smartCard',
    ]);
  });

  it('a device that was refused and is acted on now, and that nobody builds', () => {
    const opened: Edit = ['src/api/vmi/devices.ts', '  gpus: { ...REFUSED, remedy: LOST },', '  gpus: ACTED_ON,'];
    const [error, ...others] = copy.errors(DEVICE_FILES, [opened]);
    assert.match(error ?? '', /^src\/domain\/device-list\.ts: .*"refused"/);
    assert.deepEqual(others, []);
  });
});
