import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { defaultHighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, linter, lintGutter } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { h, type ComponentChild } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type LintAnswer, type LintFinding, type ManifestAnswer, PATHS, type Place } from '../shared/protocol.js';
import { call } from './calls.js';
import { scope } from './live.js';
import { say, sayError } from './notices.js';
import { vmLink } from './route.js';
import { nonce } from './strict-styles.js';
import { newMachine } from './template.js';

/** How long nobody types before the text is checked. */
const CHECK_MS = 300;

const at = (state: EditorState, { line, column }: LintFinding): number => {
  const found = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  return Math.min(found.from + Math.max(column - 1, 0), found.to);
};

const diagnosticOf = (state: EditorState, finding: LintFinding): Diagnostic => {
  const from = at(state, finding);
  const { to } = state.doc.lineAt(from);
  return { from, to, severity: finding.severity, message: `${finding.message} [${finding.rule}]` };
};

const edit = (parent: HTMLElement, doc: string, found: (findings: readonly LintFinding[]) => void): EditorView =>
  new EditorView({
    parent,
    state: EditorState.create({
      doc,
      extensions: [
        EditorView.cspNonce.of(nonce),
        lineNumbers(),
        EditorView.lineWrapping,
        history(),
        yaml(),
        syntaxHighlighting(defaultHighlightStyle),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': 'Manifest' }),
        lintGutter(),
        linter(
          async ({ state }) => {
            const { findings } = await call<LintAnswer>(PATHS.lint, { text: state.doc.toString() });
            found(findings);
            return findings.map((finding) => diagnosticOf(state, finding));
          },
          { delay: CHECK_MS },
        ),
      ],
    }),
  });

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

interface EditorProps {
  /** Undefined: a new VM. */
  readonly place?: Place;
}

/** A manifest, checked while one types. */
export const Editor = ({ place }: EditorProps): ComponentChild => {
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const [findings, setFindings] = useState<readonly LintFinding[] | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let over = false;
    const begin = async (): Promise<void> => {
      const text =
        place === undefined
          ? newMachine(scope.value?.namespace ?? 'default')
          : (await call<ManifestAnswer>(PATHS.manifest, place)).text;
      if (!over && element.current !== null) view.current = edit(element.current, text, setFindings);
    };
    begin().catch((error: unknown) => sayError('The manifest cannot be read', error));
    return () => {
      over = true;
      view.current?.destroy();
    };
  }, []);
  const apply = async (): Promise<void> => {
    const text = view.current?.state.doc.toString();
    if (text === undefined) return;
    setBusy(true);
    try {
      const made = await call<Place>(PATHS.apply, { text, ...(place === undefined ? {} : { replaces: place }) });
      say(`${made.name} is ${place === undefined ? 'created' : 'changed'}.`);
      location.hash = vmLink(made);
    } catch (error) {
      sayError(place === undefined ? 'Not created' : 'Not changed', error);
    } finally {
      setBusy(false);
    }
  };
  const show = (finding: LintFinding): void => {
    const editor = view.current;
    if (editor === undefined) return;
    editor.dispatch({ selection: { anchor: at(editor.state, finding) }, scrollIntoView: true });
    editor.focus();
  };
  const errors = findings?.filter(({ severity }) => severity === 'error').length ?? 0;
  return h(
    'div',
    null,
    h('h1', { id: 'title', tabIndex: -1 }, place === undefined ? 'New virtual machine' : `Edit ${place.name}`),
    h('div', { class: 'editor', ref: element }),
    h(
      'div',
      { class: 'buttons' },
      h(
        'button',
        {
          type: 'button',
          class: 'main',
          disabled: busy || findings === undefined || errors > 0,
          onClick: () => void apply(),
        },
        place === undefined ? 'Create' : 'Save',
      ),
      h(
        'span',
        { role: 'status' },
        findings === undefined
          ? 'Checking …'
          : `${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}`,
      ),
    ),
    h(
      'ul',
      { class: 'findings', 'aria-label': 'Findings' },
      (findings ?? []).map((finding) =>
        h(
          'li',
          { key: `${finding.line}:${finding.column}:${finding.rule}:${finding.message}`, class: finding.severity },
          h('button', { type: 'button', onClick: () => show(finding) }, `Line ${finding.line}`),
          ` ${finding.severity}: ${finding.message} `,
          h('code', null, finding.rule),
        ),
      ),
    ),
  );
};
