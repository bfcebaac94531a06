using ChangeDetection.Core.Arguments;
using CsCheck;

namespace ChangeDetection.Core.Tests.Arguments;

public sealed class RoffTests
{
    private static readonly (string Source, char Character)[] s_escapes =
        [(@"\-", '-'), (@"\(aq", '\''), (@"\(dq", '"'), (@"\(ga", '`'), (@"\(ha", '^'), (@"\(ti", '~'), (@"\(rs", '\\')];

    /// <summary>Whatever a description says, it is read as it was written, and none of it is taken for a macro.</summary>
    [Fact]
    public void Text_IsReadAsItWasWritten() =>
        Gen.String[Gen.Char["ab .'\\-\"`^~\n|…"], 0, 40].Sample(text =>
        {
            var page = new Roff();
            page.Text(text);
            var lines = page.ToString().Split('\n');
            Assert.Equal(3, lines.Length);
            Assert.Equal(".PP", lines[0]);
            Assert.False(lines[1].StartsWith('.') || lines[1].StartsWith('\''), lines[1]);
            Assert.Equal("", lines[2]);
            Assert.Equal(text.ReplaceLineEndings(" "), Plain(lines[1]));
        });

    private static string Plain(string source)
    {
        var plain = source.StartsWith(@"\&", StringComparison.Ordinal) ? source[2..] : source;
        return s_escapes.Aggregate(plain, (text, escape) => text.Replace(escape.Source, $"{escape.Character}", StringComparison.Ordinal));
    }
}
