/** The fish side of completion: it passes the words to `eks-x509 __complete` and shows the answer. */
export const script = `# Completion of eks-x509 for fish. Once:
#   eks-x509 completion fish > ~/.config/fish/completions/eks-x509.fish
# kubectl's own completion calls eks-x509 for kubectl eks-x509: kubectl completion fish

function __eks_x509_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l typed (commandline --current-token --cut-at-cursor)
    # For --flag=value, the answer contains only the values.
    set -l flag (string match --regex -- '^-[^=]*=' $typed); or set flag ''
    set -l value (string sub --start (math (string length -- $flag) + 1) -- $typed)
    set -l plain (__eks_x509_unquote $value)

    for answer in (eks-x509 __complete $words[2..] "$flag$plain" 2>/dev/null)
        switch $answer
            case ':0'
                for path in (__fish_complete_path $value '')
                    echo -- $flag$path
                end
            case ':*'
            case '*'
                echo -- $flag$answer
        end
    end
end

# The value of a word whose quote can be open.
function __eks_x509_unquote
    switch $argv[1]
        case '\\'*' '"*'
            set -l quote (string sub --length 1 -- $argv[1])
            string unescape -- $argv[1]$quote; or string sub --start 2 -- $argv[1]
        case '*'
            string unescape -- $argv[1]; or echo -- $argv[1]
    end
end

complete --command eks-x509 --no-files --keep-order --arguments '(__eks_x509_complete)'
complete --command kubectl-eks_x509 --no-files --keep-order --arguments '(__eks_x509_complete)'
`;
