# fleetty's shell integration for bash 4.4 and newer: marks around prompts and commands, for whoever holds the terminal.
# See docs/shell-integration.md. Nothing of it is exported; PS1 and PS2 name variables, so the secret is in none of them.
__fleetty_secret=@nonce@
__fleetty_host=@host@
__fleetty_number=0
__fleetty_folder=
__fleetty_url=
__fleetty_is_open=
__fleetty_ps0='${__fleetty_command-}'
__fleetty_ps1='\[${__fleetty_input-}\]'
__fleetty_ps2='\[${__fleetty_more-}\]'

# The functions stand before the user's files, so that no alias of theirs gets into them. Each begins by setting aside
# the user's options for itself (`local -`).

# Variable and letter: a mark with the next number.
__fleetty_mark() {
  builtin printf -v "$1" '\e]133;%s;fleetty=%s.%d\a' "$2" "$__fleetty_secret" "$((++__fleetty_number))"
}

# Percent-encodes PWD, once for each folder.
__fleetty_locate() {
  [[ $PWD == "$__fleetty_folder" && $__fleetty_url ]] && return
  local LC_ALL=C character code text= index
  for ((index = 0; index < ${#PWD}; index++)); do
    character=${PWD:index:1}
    case $character in
      [abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~-]) text+=$character ;;
      *)
        builtin printf -v code %d "'$character"
        builtin printf -v code '%%%02X' "$((code & 255))"
        text+=$code
        ;;
    esac
  done
  __fleetty_folder=$PWD
  __fleetty_url=file://$__fleetty_host$text
}

# First at a prompt: the command has ended. Its status goes on to the user's own hooks, except where `set -e` would take
# that for a failure of ours.
__fleetty_before() {
  local status=$? errexit=$- mark -
  builtin set +aeuxvT
  __fleetty_mark mark "D;$status"
  builtin printf %s "$mark" >&3
  __fleetty_is_open=1
  __fleetty_restore
  [[ $errexit == *e* ]] || return "$status"
}

# Prompts as the user has them.
__fleetty_restore() {
  [[ ${PS0-} != *"$__fleetty_ps0"* ]] || PS0=${PS0//"$__fleetty_ps0"/}
  [[ ${PS1-} != *"$__fleetty_ps1"* ]] || PS1=${PS1//"$__fleetty_ps1"/}
  [[ ${PS2-} != *"$__fleetty_ps2"* ]] || PS2=${PS2//"$__fleetty_ps2"/}
}

# Last at a prompt, after the user's hooks have made theirs. A hook that was added meanwhile comes later still; then, and
# where children would inherit PS1, or it may name no variables, the prompt counts as whole before it is shown.
__fleetty_after() {
  local status=$? early=${1-} mark hooks -
  builtin set +aeuxvT
  if [[ ! $__fleetty_is_open ]]; then
    __fleetty_mark mark "D;$status"
    builtin printf %s "$mark" >&3
  fi
  __fleetty_is_open=
  __fleetty_restore
  hooks=("${PROMPT_COMMAND[@]}")
  [[ ${hooks[0]} == *"$__fleetty_first"* ]] || PROMPT_COMMAND[0]=$__fleetty_first$'\n'${hooks[0]}
  [[ ${hooks[${#hooks[@]} - 1]} == *"$__fleetty_last" ]] || early=1
  [[ ${PS0@a} != *[xr]* ]] || return 0
  __fleetty_locate
  __fleetty_mark mark A
  builtin printf '\e]7;%s\a%s' "$__fleetty_url" "$mark" >&3
  __fleetty_mark __fleetty_input B
  __fleetty_mark __fleetty_more 'P;k=s'
  __fleetty_mark __fleetty_command C
  # Without promptvars a variable in a prompt is only its name.
  __fleetty_ps0='${__fleetty_command-}'
  builtin shopt -q promptvars || early=1 __fleetty_ps0=$__fleetty_command
  if [[ $early || ${PS1@a} == *[xr]* || ! ${PS1-} ]]; then
    builtin printf %s "$__fleetty_input" >&3
  else
    PS1+=$__fleetty_ps1
  fi
  [[ ${PS2@a} == *[xr]* || ! ${PS2-} ]] || ! builtin shopt -q promptvars || PS2+=$__fleetty_ps2
  PS0=${PS0-}$__fleetty_ps0
  return 0
}

# Both at once, before the user's hooks: who has a DEBUG trap may count on no command between their hooks and the prompt.
__fleetty_at_once() {
  __fleetty_before "$@"
  local status=$? -
  builtin set +e
  __fleetty_after early
  return "$status"
}

# Where children inherit PROMPT_COMMAND it stays as it is, and the prompt itself says everything, as long as it is kept.
__fleetty_by_prompt() {
  local proof='fleetty=${__fleetty_secret-}.$((++__fleetty_number))\a'
  local folder='\e]7;file://${__fleetty_host-}${PWD##*[%[:cntrl:]]*}\a'
  [[ ${PS0@a}${PS1@a} == *[xr]* ]] && return
  PS1='\[\e]133;D;$?;'$proof$folder'\e]133;A;'$proof'\]'${PS1-}'\[\e]133;B;'$proof'\]'
  PS0=${PS0-}'\e]133;C;'$proof
  [[ ${PS2@a} == *[xr]* ]] || PS2=${PS2-}'\[\e]133;P;k=s;'$proof'\]'
}

# The user's DEBUG trap, which no function sees.
__fleetty_install() {
  local -
  builtin set +aeuxvT
  builtin unset -f __fleetty_install
  ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || return 0
  if [[ ${PROMPT_COMMAND@a} == *[xr]* ]]; then
    __fleetty_by_prompt
    return 0
  fi
  # A last argument that is `$_` leaves `$_` as it is. What `set -x` shows of us goes nowhere. The call has a line of its
  # own, by which bash-preexec knows that it is none of the user's; that sets its DEBUG trap at the first prompt.
  __fleetty_first=$'{\n__fleetty_before "$_"\n} 3>&2 2>/dev/null'
  __fleetty_last=$'{\n__fleetty_after\n} 3>&2 2>/dev/null'
  if [[ $1 || ${bash_preexec_imported-}${__bp_imported-} ]]; then
    __fleetty_first=$'{\n__fleetty_at_once "$_"\n} 3>&2 2>/dev/null'
    __fleetty_last=
  fi
  # From 5.1 on an array: who assigns PROMPT_COMMAND as a text later changes its first element only.
  local hooks=("${PROMPT_COMMAND[@]}")
  hooks[0]=$__fleetty_first${hooks[0]:+$'\n'${hooks[0]}}
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
    PROMPT_COMMAND=("${hooks[@]}" ${__fleetty_last:+"$__fleetty_last"})
  else
    PROMPT_COMMAND=${hooks[0]}${__fleetty_last:+$'\n'$__fleetty_last}
  fi
}

@startup@
{ __fleetty_install "$(\builtin trap -p DEBUG)"; } 2>/dev/null
