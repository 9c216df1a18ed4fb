# fleetty's shell integration for fish, read after the user's files. See docs/shell-integration.md. Nothing of it is
# exported.
set -gu __fleetty_secret @nonce@
set -gu __fleetty_host @host@
set -gu __fleetty_number 0
set -gu __fleetty_input

# Letter and fields: a mark with the next number.
function __fleetty_mark
    set -g __fleetty_number (math $__fleetty_number + 1)
    printf '\e]133;%s;fleetty=%s.%d\a' $argv[1] $__fleetty_secret $__fleetty_number
end

# The user's prompt with a mark at its end; again when they have chosen another. Not there where they have none.
function __fleetty_wrap
    functions --query fish_prompt; or return 1
    set -l facts (functions --details --verbose fish_prompt)
    test "$facts[5]" = 'prompt with a mark of fleetty'; and return 0
    functions --erase __fleetty_user_prompt
    functions --copy fish_prompt __fleetty_user_prompt
    function fish_prompt --description 'prompt with a mark of fleetty'
        __fleetty_user_prompt
        printf %s $__fleetty_input
    end
    return 0
end

function __fleetty_prompt --on-event fish_prompt
    __fleetty_wrap
    set -l is_wrapped $status
    printf '\e]7;file://%s%s\a' $__fleetty_host (string escape --style=url -- $PWD)
    __fleetty_mark A
    set -g __fleetty_input (__fleetty_mark B)
    test $is_wrapped = 0; or printf %s $__fleetty_input
end

function __fleetty_begin --on-event fish_preexec
    set -l typed (string sub --length 3500 -- $argv[1] | string escape --style=url | string join '%0A')
    __fleetty_mark "C;t="(string sub --length 3500 -- $typed)
end

function __fleetty_end --on-event fish_postexec
    __fleetty_mark "D;$status"
end
