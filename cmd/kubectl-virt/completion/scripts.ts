import { ExitCode } from '../errors.js';
import type { Io } from '../io.js';
import type { Shell } from './shells.js';

/*
 * Each script hands the words to `kubectl-virt __complete` and understands the lines that come back: candidates, each
 * with an optional tab and description, and the directive `:N` (bit 4: no file names). See complete.ts.
 */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of kubectl-virt. Load it with: source <(kubectl-virt completion bash)
_kubectl_virt() {
  local line directive=0 before piece rest="$COMP_LINE" index
  local -a words=()
  # What bash has parted at "=", ":" and "@" is one word again; between words there are blanks.
  for ((index = 0; index <= COMP_CWORD; index++)); do
    piece="\${COMP_WORDS[index]}"
    before="\${rest%%[![:blank:]]*}"
    rest="\${rest#"$before"}"
    rest="\${rest#"$piece"}"
    if [ -n "$before" ] || [ $index -eq 0 ]; then words+=("$piece"); else words[-1]+="$piece"; fi
  done
  # Bash replaces the last piece alone, so that candidates are given without what stands before it.
  local current="\${words[-1]}" given
  case "$piece" in
    *[!=:@]*) given="\${current%"$piece"}" ;;
    *) given="$current" ;;
  esac
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :*) directive="\${line#:}" ;;
      *) line="\${line%%$'\\t'*}" && COMPREPLY+=("\${line#"$given"}") ;;
    esac
  done < <(kubectl-virt __complete "\${words[@]:1}" 2>/dev/null)
  if [ \${#COMPREPLY[@]} -eq 0 ] && [ $((directive & 4)) -eq 0 ]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "\${current#"$given"}")
  fi
}
complete -F _kubectl_virt kubectl-virt
`,
  zsh: `#compdef kubectl-virt
# zsh completion of kubectl-virt. Load it with: source <(kubectl-virt completion zsh)
_kubectl_virt() {
  local line directive=0
  local -a candidates
  while IFS= read -r line; do
    if [[ "$line" == :* ]]; then
      directive="\${line#:}"
    elif [[ "$line" == *$'\\t'* ]]; then
      candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    else
      candidates+=("\${line//:/\\\\:}")
    fi
  done < <(kubectl-virt __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe 'kubectl-virt' candidates
  elif (( (directive & 4) == 0 )); then
    _files
  fi
}
compdef _kubectl_virt kubectl-virt
`,
  fish: `# fish completion of kubectl-virt. Load it with: kubectl-virt completion fish | source
function __kubectl_virt_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines (kubectl-virt __complete $words[2..-1] 2>/dev/null)
    set -l directive (string replace ':' '' -- $lines[-1])
    set -e lines[-1]
    if test (count $lines) -gt 0
        printf '%s\\n' $lines
    else if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path (commandline -ct)
    end
end
complete -c kubectl-virt -f -a '(__kubectl_virt_complete)'
`,
  powershell: `# PowerShell completion of kubectl-virt. Load it with: kubectl-virt completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName kubectl-virt -ScriptBlock {
  param($word, $ast, $position)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $words += '""' }
  foreach ($line in (& kubectl-virt __complete @words 2>$null)) {
    if ($line.StartsWith(':')) { continue }
    $name, $what = $line -split "\`t", 2
    if (-not $what) { $what = $name }
    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $what)
  }
}
`,
};

/** `completion SHELL`. */
export const completionScript = (io: Io, shell: Shell): Promise<number> => {
  io.stdout.write(SCRIPTS[shell]);
  return Promise.resolve(ExitCode.ok);
};
