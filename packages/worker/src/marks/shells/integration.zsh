# fleetty's shell integration for zsh, read as .zshenv by way of ZDOTDIR. See docs/shell-integration.md. ZDOTDIR is the
# user's again before any file of theirs is read; zsh finds the others by itself. Between prompt and command only PS1 and
# PS2 hold marks: neither a command nor its children see them.
@restore@
'builtin' 'typeset' -g __fleetty_secret=@nonce@ __fleetty_host=@host@ __fleetty_folder= __fleetty_url=
'builtin' 'typeset' -g __fleetty_input= __fleetty_more= __fleetty_command= __fleetty_early=
'builtin' 'typeset' -gi __fleetty_number=0

# The functions stand before the user's files, so that no alias of theirs gets into them. What `set -x` shows of them
# goes nowhere.

# Letter: a mark with the next number, in REPLY.
__fleetty_mark() {
  (( ++__fleetty_number ))
  REPLY=$'\e]133;'$1";fleetty=$__fleetty_secret.$__fleetty_number"$'\a'
}

# Text: with all but printable ASCII as %XX, and also % and ; so; in REPLY.
__fleetty_encode() {
  builtin setopt local_options extended_glob no_multibyte
  local MATCH MBEGIN MEND
  REPLY=${1//(#m)[^ -\$\&-:\<-\~]/%${(l:2::0:)$(( [##16] #MATCH ))}}
}

# Prompts as the user has them.
__fleetty_restore() {
  [[ -z $__fleetty_input || ${PS1-} != *"%{$__fleetty_input%}" ]] || PS1=${PS1%"%{$__fleetty_input%}"}
  [[ -z $__fleetty_more || ${PS2-} != *"%{$__fleetty_more%}" ]] || PS2=${PS2%"%{$__fleetty_more%}"}
}

# First at a prompt: the command has ended. A hook of the user's that was added meanwhile runs after our last one; then
# the prompt counts as whole before it is shown, and all are in order for the next.
__fleetty_before() {
  {
    local code=$? REPLY
    builtin emulate -L zsh -o no_err_exit -o no_err_return -o no_all_export -o no_warn_create_global
    __fleetty_mark "D;$code"
    builtin print -rn -- "$REPLY"
    __fleetty_restore
    __fleetty_early=
    if [[ ${precmd_functions[1]-} != __fleetty_before || ${precmd_functions[-1]-} != __fleetty_after ]]; then
      [[ ${precmd_functions[-1]-} == __fleetty_after ]] || __fleetty_early=1
      __fleetty_arrange
    fi
    return 0
  } >$TTY 2>/dev/null
}

__fleetty_arrange() {
  builtin typeset -ga precmd_functions preexec_functions
  precmd_functions=(__fleetty_before ${precmd_functions:#__fleetty_(before|after)} __fleetty_after)
  preexec_functions=(${preexec_functions:#__fleetty_exec} __fleetty_exec)
}

# Last at a prompt, after the user's hooks have made theirs.
__fleetty_after() {
  {
    local REPLY
    builtin emulate -L zsh -o no_err_exit -o no_err_return -o no_all_export -o no_warn_create_global
    if [[ $PWD != "$__fleetty_folder" || -z $__fleetty_url ]]; then
      __fleetty_encode "$PWD"
      __fleetty_folder=$PWD
      __fleetty_url=file://$__fleetty_host$REPLY
    fi
    __fleetty_mark A
    builtin print -rn -- $'\e]7;'"$__fleetty_url"$'\a'"$REPLY"
    __fleetty_mark B
    __fleetty_input=$REPLY
    __fleetty_mark 'P;k=s'
    __fleetty_more=$REPLY
    if [[ -n $__fleetty_early || ! -o prompt_percent || "${(t)PS1} ${(t)PROMPT} ${(t)prompt}" == *(export|readonly)* ]]; then
      builtin print -rn -- "$__fleetty_input"
    else
      PS1+="%{$__fleetty_input%}"
      [[ "${(t)PS2} ${(t)PROMPT2}" == *(export|readonly)* ]] || PS2+="%{$__fleetty_more%}"
    fi
    return 0
  } >$TTY 2>/dev/null
}

# Before a command.
__fleetty_exec() {
  {
    local REPLY typed=$1
    builtin emulate -L zsh -o no_err_exit -o no_err_return -o no_all_export -o no_warn_create_global
    __fleetty_restore
    [[ ${precmd_functions[1]-} == __fleetty_before && ${precmd_functions[-1]-} == __fleetty_after ]] || __fleetty_arrange
    __fleetty_encode "${typed[1,3500]}"
    __fleetty_mark "C;t=${REPLY[1,3500]}"
    builtin print -rn -- "$REPLY"
    return 0
  } >$TTY 2>/dev/null
}

# The user's files may have set all hooks anew: then the first prompt is made here. zsh looks at scheduled commands right
# after the hooks.
__fleetty_ensure() {
  (( __fleetty_number )) || { __fleetty_arrange; __fleetty_after }
  builtin unset -f __fleetty_ensure
}

__fleetty_start() {
  builtin emulate -L zsh
  __fleetty_arrange
  builtin zmodload zsh/sched 2>/dev/null && builtin sched +0 __fleetty_ensure
}

if [[ -r "${ZDOTDIR-$HOME}/.zshenv" ]] { 'builtin' 'source' "${ZDOTDIR-$HOME}/.zshenv" || : }
if [[ -o interactive ]] { __fleetty_start }
'builtin' 'unset' -f __fleetty_start
