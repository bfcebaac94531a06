using System.CommandLine;
using System.CommandLine.Invocation;

namespace ChangeDetection.Core.Arguments;

/// <summary>
/// <c>PROGRAM [manual]</c> prints the program's manual page, made of the same words as its help. A directive, as completion's <c>[suggest]</c> is:
/// packaging calls it, and it stands in no list of verbs.
/// </summary>
public sealed class ManualDirective : Directive
{
    /// <param name="program">A name of <see cref="Hosting.Executables"/>.</param>
    public ManualDirective(string program)
        : base("manual") => Action = new Printing(program);

    private sealed class Printing(string program) : SynchronousCommandLineAction
    {
        /// <summary>No verb is given.</summary>
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.Write(ManualPage.Of(parseResult.RootCommandResult.Command, program));
            return 0;
        }
    }
}
