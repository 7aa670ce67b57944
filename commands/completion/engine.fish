# Completion of chatterbox for fish, made by: chatterbox completion fish

# SETS

# Prints the command before the cursor, and the number of the word at the cursor among its words.
function __chatterbox_state
    set -l command ''
    set -l operand 1
    set -l pending ''
    set -l ended ''
    for word in (commandline -opc)[2..-1]
        if test -n "$pending"
            set pending ''
        else if test -z "$ended"; and string match -q -- -- $word
            set ended 1
        else if test -z "$ended"; and string match -q -- '-?*' $word
            set -l flag (string replace -r -- '^-[^-]*([^-])$' '-$1' $word)
            if contains -- "$command $flag" $__chatterbox_valued
                set pending $flag
            end
        else if test -z "$command"
            set command $word
        else if test $operand = 1; and contains -- "$command $word" $__chatterbox_parts
            set command "$command $word"
        else
            set operand (math $operand + 1)
        end
    end
    printf '%s\n' "$command" $operand
end

# Whether the cursor is in COMMAND; at its word N, or at N and behind it (N-).
function __chatterbox_at -a command place
    set -l state (__chatterbox_state)
    test "$state[1]" = "$command"; or return
    switch "$place"
        case ''
            return 0
        case '*-'
            test $state[2] -ge (string trim -c - -- $place)
        case '*'
            test $state[2] = $place
    end
end

# Asks the program for names.
function __chatterbox_candidates -a sources
    set -l line (commandline -opc)
    set -l word (string unescape -- (commandline -ct) 2>/dev/null)
    $line[1] completion candidates $sources $line "$word" 2>/dev/null </dev/null
end

complete -c chatterbox -e
complete -c chatterbox -f
# COMPLETIONS
