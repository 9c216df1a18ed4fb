#!/bin/sh
# Makes sessions of tmux: tmux-sessions.sh COUNT AT_ONCE COMMAND…, where COMMAND… speaks to the server. Ends when all are made.
set -eu
count=$1 at_once=$2
shift 2
seq "$count" | xargs -P "$at_once" -I{} "$@" new-session -d -s 'made{}' -x 80 -y 24 -e 'PS1=ready$ ' bash --norc --noprofile
