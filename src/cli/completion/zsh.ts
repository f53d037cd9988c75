/** The zsh side of completion: it passes the words to `eks-x509 __complete` and shows the answer. */
export const script = `#compdef eks-x509 kubectl-eks_x509
# Completion of eks-x509 for zsh. In ~/.zshrc, after compinit:
#   source <(eks-x509 completion zsh)
# or once, into a folder of $fpath:
#   eks-x509 completion zsh > "\${fpath[1]}/_eks-x509"
# kubectl's own completion calls eks-x509 for kubectl eks-x509: kubectl completion zsh

_eks-x509() {
  local -a lines entries
  local line word directive=:0
  lines=("\${(@f)$(eks-x509 __complete "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  # For --flag=value, the answer contains only the values.
  if [[ $PREFIX == -*=* ]]; then compset -P 1 '*='; fi
  for line in $lines; do
    if [[ $line == :* ]]; then
      directive=$line
    else
      word=\${\${line%%$'\\t'*}//(#m)[\\\\:]/\\\\$MATCH}
      if [[ $line == *$'\\t'* ]]; then word+=:\${line#*$'\\t'}; fi
      entries+=("$word")
    fi
  done
  if ((\${#entries})); then
    _describe -V 'eks-x509' entries
  elif [[ $directive == :0 ]]; then
    _files
  fi
}

# zsh loads this file from $fpath as the body of the function. If it is sourced, compdef registers the function.
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _eks-x509 "$@"
else
  compdef _eks-x509 eks-x509 kubectl-eks_x509
fi
`;
