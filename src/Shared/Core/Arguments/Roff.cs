using System.Text;

namespace ChangeDetection.Core.Arguments;

/// <summary>Source of a manual page, in the macros of <c>man(7)</c>. What it is given as text is escaped; lines and terms are source already.</summary>
internal sealed class Roff
{
    private readonly StringBuilder _source = new();

    /// <summary>The page's head: no date, so that the same program gives the same page.</summary>
    public void Title(string name, string version) =>
        Macro($"TH \"{Escape(name.ToUpperInvariant())}\" 1 \"\" \"{Escape(name)} {Escape(version)}\" \"ChangeDetection\"");

    public void Section(string heading) => Macro($"SH {Escape(heading)}");

    /// <param name="source">Whole words in one argument, since a macro takes nine at most.</param>
    public void Subsection(string source) => Macro($"SS \"{source}\"");

    /// <summary>A paragraph.</summary>
    public void Text(string text)
    {
        Macro("PP");
        Line(Escape(text));
    }

    /// <summary>What is explained, and its explanation below it.</summary>
    public void Term(string source, string text)
    {
        Macro("TP");
        Line(source);
        Line(Escape(text));
    }

    public void Line(string source)
    {
        // A dot or an apostrophe at the beginning of a line would be a macro.
        if (source.StartsWith('.'))
            _source.Append(@"\&");
        _source.Append(source.Length == 0 ? @"\&" : source).Append('\n');
    }

    public override string ToString() => _source.ToString();

    public static string Bold(string text) => $@"\fB{Escape(text)}\fR";

    public static string Italic(string text) => $@"\fI{Escape(text)}\fR";

    /// <summary>Text as it is meant: groff makes typographic signs of these, which nobody could copy into a shell. Line ends become spaces.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var character in text.ReplaceLineEndings(" "))
        {
            escaped.Append(character switch
            {
                '\\' => @"\(rs",
                '-' => @"\-",
                '\'' => @"\(aq",
                '"' => @"\(dq",
                '`' => @"\(ga",
                '^' => @"\(ha",
                '~' => @"\(ti",
                _ => character.ToString(),
            });
        }
        return escaped.ToString();
    }

    private void Macro(string source) => _source.Append('.').Append(source).Append('\n');
}
