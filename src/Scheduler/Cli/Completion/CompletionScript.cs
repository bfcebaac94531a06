namespace ChangeDetection.Scheduler.Cli.Completion;

/// <summary>
/// Scripts that ask the program itself what may follow (<c>[suggest:POSITION] LINE</c>, of System.CommandLine), so that they never grow old. The line is
/// given without the program's name, as that directive expects. Options are offered once a dash is typed; where nothing is known, a file may follow.
/// </summary>
internal static class CompletionScript
{
    public const string Bash =
        """
        # bash completion for changedetection, changedetection-worker and changedetection-dashboard
        _changedetection() {
            local line=${COMP_LINE:0:COMP_POINT} current=${COMP_WORDS[COMP_CWORD]} word
            line=${line#*[[:space:]]}
            COMPREPLY=()
            while IFS= read -r word; do
                case $word in
                    '-?' | -h | /*) continue ;;
                    -*) [[ $current == -* ]] || continue ;;
                esac
                [[ $word == "$current"* ]] && COMPREPLY+=("$word")
            done < <("${1/#\~/$HOME}" "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o bashdefault -o default -F _changedetection changedetection changedetection-worker changedetection-dashboard

        """;

    public const string Zsh =
        """
        #compdef changedetection changedetection-worker changedetection-dashboard
        # zsh completion for changedetection, changedetection-worker and changedetection-dashboard
        _changedetection() {
            local line="${(j: :)words[2,CURRENT]}" current="$words[CURRENT]" word
            local -a found
            for word in "${(@f)$(${~words[1]} "[suggest:${#line}]" "$line" 2>/dev/null)}"; do
                case $word in
                    ('' | '-?' | -h | /*) continue ;;
                    (-*) [[ $current == -* ]] || continue ;;
                esac
                found+=("$word")
            done
            if (( $#found )); then compadd -- $found; else _files; fi
        }
        # Loaded as a file of the function's name, it is the first call; read by eval, it registers.
        if [[ $funcstack[1] == _changedetection ]]; then
            _changedetection "$@"
        else
            compdef _changedetection changedetection changedetection-worker changedetection-dashboard
        fi

        """;
}
