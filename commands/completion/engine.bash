# Completion of chatterbox for bash, made by: chatterbox completion bash
# It works with bash 3.2 (macOS), and does not need bash-completion.

# Sets candidates to those of a key, words and @sources; fails if the key is unknown. Keys are COMMAND:flags,
# COMMAND:--FLAG for a flag with a value, and COMMAND:N for the Nth word of a command.
_chatterbox_table() {
  candidates=
  case $1 in
# TABLE
    *) return 1 ;;
  esac
}

# Splits $1 into words without their quotes. The last word is that at the cursor; quote is the one that is open in it.
_chatterbox_split() {
  local text=$1 c i word= has=
  quote=
  words=()
  for ((i = 0; i < ${#text}; i++)); do
    c=${text:i:1}
    if [[ $quote == "'" ]]; then
      if [[ $c == "'" ]]; then quote=; else word+=$c; fi
    elif [[ $c == \\ ]]; then
      has=1
      i=$((i + 1))
      word+=${text:i:1}
    elif [[ $quote == '"' ]]; then
      if [[ $c == '"' ]]; then quote=; else word+=$c; fi
    elif [[ $c == "'" || $c == '"' ]]; then
      has=1
      quote=$c
    elif [[ $c == [[:blank:]] ]]; then
      if [[ -n $has ]]; then words+=("$word"); fi
      word= has=
    else
      has=1
      word+=$c
    fi
  done
  words+=("$word")
}

# Finds the command, the number of the word at the cursor among its words, and the flag that waits for its value.
_chatterbox_locate() {
  local i word candidates
  command= operand=1 pending= ended=
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    if [[ -n $pending ]]; then
      pending=
    elif [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == --* ]]; then
      if _chatterbox_table "$command:$word"; then pending=$word; fi
    elif [[ -z $ended && $word == -?* ]]; then
      if _chatterbox_table "$command:-${word: -1}"; then pending=-${word: -1}; fi
    elif [[ -z $command ]]; then
      command=$word
    elif [[ $operand == 1 ]] && _chatterbox_table "$command $word:flags"; then
      command="$command $word"
    else
      operand=$((operand + 1))
    fi
  done
}

# Offers $2 if it begins with $1: in the quotes that are open, or in single quotes if it has to have some.
_chatterbox_offer() {
  local shown=$2
  [[ $2 == "$1"* ]] || return 0
  if [[ $quote == '"' ]]; then
    shown=$(printf '%s' "$2" | sed 's/[\\"$`]/\\&/g')
  elif [[ $quote == "'" ]]; then
    shown=$(printf '%s' "$2" | sed "s/'/'\\\\''/g")
  elif [[ $2 == *[!A-Za-z0-9_.,:@%/+-]* ]]; then
    shown=\'$(printf '%s' "$2" | sed "s/'/'\\\\''/g")\'
  fi
  COMPREPLY+=("$shown")
}

_chatterbox() {
  local words quote command operand pending ended candidates key cur each kind name sources= IFS=$' \t\n'
  COMPREPLY=()
  _chatterbox_split "${COMP_LINE:0:COMP_POINT}"
  _chatterbox_locate
  cur=${words[${#words[@]}-1]}
  key=$command:$operand
  if [[ -n $pending ]]; then
    key=$command:$pending
  elif [[ -z $ended && $cur == --*=* ]]; then
    key=$command:${cur%%=*}
    cur=${cur#*=}
  elif [[ -z $ended && $cur == -* ]]; then
    key=$command:flags
  fi
  _chatterbox_table "$key" || return 0
  for each in $candidates; do
    case $each in
      @files | @folders)
        kind=-f
        if [[ $each == @folders ]]; then kind=-d; fi
        compopt -o filenames 2>/dev/null
        while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen "$kind" -- "$cur")
        ;;
      @*) sources=$sources,${each#@} ;;
      *) _chatterbox_offer "$cur" "$each" ;;
    esac
  done
  if [[ -n $sources ]]; then
    while IFS= read -r name; do _chatterbox_offer "$cur" "$name"; done < <(
      "${1/#\~\//$HOME/}" completion candidates "${sources#,}" "${words[@]}" 2>/dev/null </dev/null
    )
  fi
  return 0
}

complete -F _chatterbox chatterbox
