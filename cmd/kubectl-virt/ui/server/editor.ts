import type { VirtualMachine } from '../../../../src/api/schema/kinds.js';
import { GROUP } from '../../../../src/api/names.js';
import { isRecord } from '../../../../src/api/record.js';
import type { ApiClient } from '../../client/client.js';
import { CliError } from '../../errors.js';
import { objectPath } from '../../paths.js';
import { parseNamespace, parseTarget } from '../../target.js';
import type { LintFinding, Place } from '../shared/protocol.js';
import { shownMetadata, writtenMetadata } from './edited.js';
import { KnownSettings } from './known-settings.js';
import { shownLine } from './rows.js';

/** More than any manifest; admission itself takes no more. */
const MOST_TEXT = 1024 * 1024;
/** Findings that an editor shows: the rest comes when these are put right. */
const MOST_FINDINGS = 200;

const FILE = 'editor';

/** Lint, and writing of what it has found nothing in. Admission is loaded with the first text that is to be checked. */
export class Editor {
  readonly #settings: KnownSettings;

  constructor(
    client: Pick<ApiClient, 'get'>,
    /** Where a VM goes whose manifest names no namespace. */
    private readonly namespace: string,
  ) {
    this.#settings = new KnownSettings(client);
  }

  /** What admission, with the cluster's settings, says of a text. */
  async lint(text: string): Promise<LintFinding[]> {
    if (text.length > MOST_TEXT) throw new CliError('the text is longer than a megabyte');
    const { lintText } = await import('../../offline/lint-text.js');
    const settings = await this.#settings.current();
    const findings = lintText(FILE, text, settings);
    return findings.slice(0, MOST_FINDINGS).map(({ line, column, severity, rule, message, field }) => ({
      line,
      column,
      severity,
      rule,
      message: shownLine(field === undefined || message.startsWith(field) ? message : `${field} ${message}`),
    }));
  }

  /**
   * Creates the VM of the text, or puts it in the place of the one it was read from.
   * @throws CliError for a text with errors, or of something else; the server's refusal
   */
  async apply(client: ApiClient, text: string, replaces: Place | undefined): Promise<Place> {
    const wrong = (await this.lint(text)).find(({ severity }) => severity === 'error');
    if (wrong !== undefined)
      throw new CliError(`line ${wrong.line}: ${wrong.message}`, { remedy: 'Put right what is marked in the text.' });
    const object = await this.#machineOf(text);
    const place = this.#placeOf(object);
    const metadata = { ...(object['metadata'] as Record<string, unknown>), namespace: place.namespace };
    if (replaces === undefined) {
      await client.request({ method: 'POST', path: objectPath('vm', place.namespace), body: { ...object, metadata } });
      return place;
    }
    if (replaces.namespace !== place.namespace || replaces.name !== place.name)
      throw new CliError(`the text is of ${place.namespace}/${place.name}, and not of the VM that is edited`, {
        remedy: 'Name and namespace stay; create a new VM for another name.',
      });
    const path = objectPath('vm', place.namespace, place.name);
    const live = await client.get<VirtualMachine>(path);
    const body = { ...object, metadata: writtenMetadata(metadata, live.metadata) };
    await client.request({ method: 'PUT', path, body });
    return place;
  }

  /** A VM as a manifest to edit: what its user wrote, and the version that it was read at. */
  async write({ apiVersion, kind, metadata = {}, spec }: VirtualMachine): Promise<string> {
    const { yamlText } = await import('../../yaml-text.js');
    return yamlText({ apiVersion, kind, metadata: shownMetadata(metadata), spec });
  }

  async #machineOf(text: string): Promise<Record<string, unknown>> {
    const { readYaml } = await import('../../../../src/api/yaml/read-yaml.js');
    const values = readYaml(text)
      .documents.map(({ value }) => value)
      .filter((value) => value !== null);
    const [object] = values;
    if (values.length !== 1 || !isRecord(object) || object['kind'] !== 'VirtualMachine')
      throw new CliError('the text is not one VirtualMachine', {
        remedy: `Write one object of ${GROUP}/v1, kind: VirtualMachine. For others use: kubectl apply -f`,
      });
    return object;
  }

  #placeOf(object: Record<string, unknown>): Place {
    const { metadata } = object;
    const { name, namespace } = isRecord(metadata) ? metadata : {};
    if (typeof name !== 'string') throw new CliError('the VM has no name', { remedy: 'Write metadata.name.' });
    return {
      name: parseTarget(name).name,
      namespace: parseNamespace(typeof namespace === 'string' ? namespace : this.namespace),
    };
  }
}
