// Holds what is read into each shell. A script knows how its shell completes and nothing of fleetty: it hands on the words and
// shows what comes back, one candidate a line, with what it means behind a tab; `:files` asks for the shell's own files.

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export function isShell(word: string): word is Shell {
  return (SHELLS as readonly string[]).includes(word);
}

/** bash 3.2 (macOS) has no mapfile and no compopt. */
const bash = `# fleetty completion for bash. In ~/.bashrc:  source <(fleetty completion bash)
_fleetty() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o default 2>/dev/null ;;
      *=$'\\t'*) COMPREPLY+=("\${line%%$'\\t'*}"); compopt -o nospace 2>/dev/null ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(fleetty completion --candidates -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _fleetty fleetty
`;

const zsh = `#compdef fleetty
# fleetty completion for zsh. In ~/.zshrc, after compinit:  source <(fleetty completion zsh)
_fleetty() {
  local line word
  local -a candidates open
  while IFS= read -r line; do
    [[ $line == :files ]] && { _files; return }
    word=\${line%%$'\\t'*}
    line="\${word//:/\\\\:}:\${line#*$'\\t'}"
    if [[ $word == *= ]]; then open+=("$line"); else candidates+=("$line"); fi
  done < <(fleetty completion --candidates -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  _describe fleetty candidates -- open -S ''
}
if [[ \${funcstack[1]} == _fleetty ]]; then _fleetty "$@"; else compdef _fleetty fleetty; fi
`;

const fish = `# fleetty completion for fish. Once:  fleetty completion fish > ~/.config/fish/completions/fleetty.fish
function __fleetty_candidates
    set -l current (commandline -ct)
    set -l words (commandline -opc) "$current"
    for line in (fleetty completion --candidates -- $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c fleetty -f -a '(__fleetty_candidates)'
`;

export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
