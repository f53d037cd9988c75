/**
 * The bash side of completion: it passes the words to `eks-x509 __complete` and shows the answer. It needs no package
 * and runs on macOS's bash 3.2.
 */
export const script = `# Completion of eks-x509 for bash. In ~/.bashrc:
#   eval "$(eks-x509 completion bash)"
# or, if bash-completion is installed, once:
#   eks-x509 completion bash > ~/.local/share/bash-completion/completions/eks-x509
# kubectl's own completion calls eks-x509 for kubectl eks-x509: kubectl completion bash

_eks_x509() {
  # Bash splits the line at =, : and @ too. A part without a space before it belongs to the previous word.
  local line=\${COMP_LINE:0:COMP_POINT} words=() last=-1 part i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if ((i == 0)) || [[ $line == [[:space:]]* ]]; then
      line=\${line#"\${line%%[![:space:]]*}"}
      words[++last]=
    fi
    part=\${COMP_WORDS[i]}
    if ((i == COMP_CWORD)); then part=$line; fi
    words[last]+=$part
    line=\${line#"$part"}
  done

  local value= quote= kept= before=()
  for ((i = 1; i < last; i++)); do
    _eks_x509_unquote "\${words[i]}"
    before+=("$value")
  done
  _eks_x509_unquote "\${words[last]}"
  # For --flag=value, the answer contains only the values.
  local flag=
  if [[ $value == -*=* ]]; then flag=\${value%%=*}=; fi

  local answer directive=:0
  COMPREPLY=()
  # In these quotes, a backslash has another meaning.
  if [[ $COMP_LINE == *\\$\\'* ]]; then return 0; fi
  while IFS= read -r answer; do
    if [[ $answer == :* ]]; then
      directive=$answer
    elif [[ -n $answer ]]; then
      answer=$flag\${answer%%$'\\t'*}
      _eks_x509_quote "\${answer#"$kept"}"
    fi
  done <<<"$(eks-x509 __complete "\${before[@]}" "$value" 2>/dev/null)"
  # Bash before 4 has no compopt and always offers files.
  if [[ $directive == :4 ]]; then compopt +o default 2>/dev/null; fi
  return 0
}

# Sets value to what the shell makes of a word, quote to the quote that is open at its end, and kept to the part of value
# in front of the text that Readline replaces: after the open quote, or at the last unquoted split.
_eks_x509_unquote() {
  local word=$1 char i
  value= quote= kept=
  for ((i = 0; i < \${#word}; i++)); do
    char=\${word:i:1}
    if [[ $quote == "'" ]]; then
      if [[ $char == "'" ]]; then quote=; else value+=$char; fi
    elif [[ $char == "\\\\" ]]; then
      ((i += 1))
      char=\${word:i:1}
      if [[ -n $quote && -n $char && $char != [\\"\\$\\\`\\\\] ]]; then value+="\\\\"; fi
      value+=$char
    elif [[ -n $quote ]]; then
      if [[ $char == '"' ]]; then quote=; else value+=$char; fi
    elif [[ $char == [\\"\\'] ]]; then
      quote=$char
      kept=$value
    else
      # Readline replaces @ itself too: bashline.c, rl_special_prefixes.
      if [[ $char == @ && $COMP_WORDBREAKS == *@* ]]; then kept=$value; fi
      value+=$char
      if [[ $char == [=:] && $COMP_WORDBREAKS == *"$char"* ]]; then kept=$value; fi
    fi
  done
}

# Adds a text to COMPREPLY in a form that the shell reads as that text, in the quote that is open.
_eks_x509_quote() {
  local text=$1 quoted= char i
  for ((i = 0; i < \${#text}; i++)); do
    char=\${text:i:1}
    case $quote$char in
      [\\ \\!\\"\\#\\$\\&\\'\\(\\)\\*\\;\\<\\>\\?\\[\\\\\\]\\^\\\`\\{\\|\\}\\~]) char="\\\\$char" ;;
      "''") char="'\\\\''" ;;
      # Double quotes do not protect it from history expansion.
      '"!') char="\\"'!'\\"" ;;
      '"'[\\"\\$\\\`\\\\]) char="\\\\$char" ;;
    esac
    quoted+=$char
  done
  COMPREPLY+=("$quoted")
}

complete -o default -F _eks_x509 eks-x509 kubectl-eks_x509
`;
