# fleetty's shell integration for shells without hooks (dash, busybox ash), read by way of ENV. See
# docs/shell-integration.md. The prompt says when a command has ended, and with what; nothing says when one begins.
@restore@
if [ -n "${ENV-}" ]; then
  eval "__fleetty_file=\"$ENV\""
  case $__fleetty_file in */*) ;; *) __fleetty_file=./$__fleetty_file ;; esac
  if [ -f "$__fleetty_file" ] && [ -r "$__fleetty_file" ]; then . "$__fleetty_file"; fi
  unset __fleetty_file
fi

if [ -n "${BASH_VERSION-}" ]; then
  . @bash@
elif [ -z "${KSH_VERSION-}${ZSH_VERSION-}${YASH_VERSION-}" ]; then
  # What children inherit stays as it is.
  case $(export -p) in
    *'export PS1'*) ;;
    *)
      __fleetty_secret=@nonce@
      __fleetty_host=@host@
      __fleetty_number=0
      # busybox counts what its prompt is wide, but for what stands between these.
      case $(readlink "/proc/$$/exe") in *busybox*) __fleetty_open='\[' __fleetty_close='\]' ;; *) __fleetty_open= __fleetty_close= ;; esac
      __fleetty_end=$(printf '\007')
      __fleetty_proof=';fleetty=$__fleetty_secret.$((__fleetty_number=__fleetty_number+1))'$__fleetty_end
      __fleetty_escape=$(printf '\033]')
      __fleetty_folder=$__fleetty_escape'7;file://$__fleetty_host${PWD##*[%[:cntrl:]]*}'$__fleetty_end
      __fleetty_begin=$__fleetty_escape'133;D;$?'$__fleetty_proof$__fleetty_folder$__fleetty_escape'133;A'$__fleetty_proof
      PS1=$__fleetty_open$__fleetty_begin$__fleetty_close$PS1$__fleetty_open$__fleetty_escape'133;B'$__fleetty_proof$__fleetty_close
      PS2=$PS2$__fleetty_open$__fleetty_escape'133;P;k=s'$__fleetty_proof$__fleetty_close
      unset __fleetty_open __fleetty_close __fleetty_end __fleetty_proof __fleetty_escape __fleetty_folder __fleetty_begin
      ;;
  esac
fi
