using System.Text;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>Writes to what a stream of the console is at that moment: when its terminal was closed, it is none any more.</summary>
internal sealed class ConsoleWriter(Func<TextWriter> stream) : TextWriter
{
    /// <summary>That stream, as it is now.</summary>
    public TextWriter Stream => stream();

    public override Encoding Encoding => stream().Encoding;

    public override void Write(char value) => stream().Write(value);

    public override void Write(char[] buffer, int index, int count) => stream().Write(buffer, index, count);

    public override void Write(ReadOnlySpan<char> buffer) => stream().Write(buffer);

    public override void Write(string? value) => stream().Write(value);

    public override void WriteLine() => stream().WriteLine();

    public override void WriteLine(string? value) => stream().WriteLine(value);

    public override void Flush() => stream().Flush();
}
