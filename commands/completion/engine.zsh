#compdef chatterbox
# Completion of chatterbox for zsh, made by: chatterbox completion zsh

# Offers WORDS, and what SOURCES have (with commas between them; -: none).
_chatterbox_offer() {
  local sources=$1 found=1
  local -a names
  shift
  (( $# )) && compadd -- "$@" && found=0
  case $sources in
    -) ;;
    files) _files && found=0 ;;
    folders) _files -/ && found=0 ;;
    *)
      local -a asked=(completion candidates $sources "${(@)chatterbox_line}" "${(Q)PREFIX}")
      names=("${(@f)$("$chatterbox_line[1]" "${(@)asked}" 2>/dev/null </dev/null)}")
      names=("${(@)names:#}")
      (( $#names )) && compadd -a names && found=0
      ;;
  esac
  return found
}

_chatterbox() {
  local -a chatterbox_line=("${(@Q)words[1,CURRENT - 1]}")
  chatterbox_line[1]=${chatterbox_line[1]/#\~\//$HOME/}
  local -a commands=(
# COMMANDS
  )
  if (( CURRENT == 2 )); then
    if [[ $words[2] == -* ]]; then
      _arguments '(- *)'{-h,--help}'[show the help]' '(- *)'{-V,--version}'[show the version]'
    else
      _describe -t commands command commands
    fi
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
# BRANCHES
  esac
}

if [[ $funcstack[1] == _chatterbox ]]; then _chatterbox "$@"; else compdef _chatterbox chatterbox; fi
