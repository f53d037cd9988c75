/**
 * The bash side of completion: it passes the words to `eks-x509 __complete` and shows the answer. It needs no package
 * and runs on macOS's bash 3.2.
 */
export const bashScript = `# Completion of eks-x509 for bash. In ~/.bashrc:
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

  local current=\${words[last]} flag= value quote=
  if [[ $current == -*=* ]]; then flag=\${current%%=*}=; fi
  value=\${current#"$flag"}
  if [[ $value == [\\"\\']* ]]; then
    quote=\${value:0:1}
    value=\${value:1}
  else
    value=\${value//\\\\/}
  fi

  # Readline replaces the text after its last split.
  local kept= split
  for split in = : @; do
    if [[ $COMP_WORDBREAKS == *$split* && $current == *$split* ]]; then
      part=\${current%"$split"*}$split
      if ((\${#part} > \${#kept})); then kept=$part; fi
    fi
  done

  local answer directive=:0
  COMPREPLY=()
  while IFS= read -r answer; do
    if [[ $answer == :* ]]; then
      directive=$answer
    elif [[ -n $answer ]]; then
      answer=\${answer%%$'\\t'*}
      if [[ -z $quote ]]; then
        printf -v answer %q "$answer"
        answer=$flag$answer
        answer=\${answer#"$kept"}
      fi
      COMPREPLY+=("$answer")
    fi
  done <<<"$(eks-x509 __complete "\${words[@]:1:last-1}" "$flag$value" 2>/dev/null)"
  # Bash before 4 has no compopt and always offers files.
  if [[ $directive == :4 ]]; then compopt +o default 2>/dev/null; fi
  return 0
}

complete -o default -F _eks_x509 eks-x509 kubectl-eks_x509
`;
