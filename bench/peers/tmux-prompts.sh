#!/bin/bash
# Makes sessions of tmux one after another: tmux-prompts.sh COUNT COMMAND…, where COMMAND… speaks to the server. Prints for each
# the microseconds from new-session to the prompt on its captured screen. Bash alone, so that tmux is what is measured.
set -eu
count=$1
shift
for ((i = 0; i < count; i++)); do
  from=${EPOCHREALTIME/./}
  "$@" new-session -d -s "prompt$i" -x 80 -y 24 -e 'PS1=ready$ ' bash --norc --noprofile
  until [[ $("$@" capture-pane -p -t "prompt$i") == *'ready$'* ]]; do :; done
  echo $((${EPOCHREALTIME/./} - from))
done
