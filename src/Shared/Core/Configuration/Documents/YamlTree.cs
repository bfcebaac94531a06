using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>
/// Reads YAML from the parser's events. YamlDotNet's own object builders recurse and expand aliases: 100,000 <c>[</c> overflow the
/// stack and an alias bomb fills the memory. Its event parser does neither, and <see cref="NodeBuilder"/> bounds what is built.
/// </summary>
internal static partial class YamlTree
{
    /// <returns>The only document's value; null when there is none.</returns>
    /// <exception cref="ConfigurationException">The text is no YAML, or breaks a limit.</exception>
    public static ConfigNode? Read(string text, Func<int, int, Origin> originAt, ErrorList errors)
    {
        var builder = new NodeBuilder(errors);
        var parser = new Parser(new StringReader(text));
        var documents = 0;
        while (MoveNext(parser, text, originAt, errors))
        {
            var current = parser.Current!;
            var origin = originAt((int)current.Start.Line, (int)current.Start.Column);
            if (current is DocumentStart && ++documents > 1)
                errors.Stop(origin, "", "holds more than one document", "Put each in a file of its own.");
            Feed(builder, errors, current, origin);
        }
        return builder.Root;
    }

    private static bool MoveNext(Parser parser, string text, Func<int, int, Origin> originAt, ErrorList errors)
    {
        try
        {
            return parser.MoveNext();
        }
        catch (YamlException invalid)
        {
            var (line, column, remedy) = Explain(invalid, text);
            errors.Stop(originAt(line, column), "", $"is not valid YAML: {PrintableText.Sentence(invalid.Message)}", remedy, invalid);
        }
        catch (Exception stray) when (stray is InvalidOperationException or ArgumentException)
        {
            // Found by fuzzing: text after the end of the document, and tags that are no URIs, leave the parser in this way.
            var end = parser.Current?.End ?? new Mark(0, 1, 1);
            errors.Stop(originAt((int)end.Line, (int)end.Column), "", "is not valid YAML after this place", null, stray);
        }
        return false; // Stop never returns.
    }

    /// <summary>A better place and a remedy for the two slips that the parser names least clearly.</summary>
    private static (int Line, int Column, string? Remedy) Explain(YamlException invalid, string text)
    {
        var (line, column) = ((int)invalid.Start.Line, (int)invalid.Start.Column);
        if (invalid.Message.Contains("invalid mapping", StringComparison.Ordinal))
            return (line, column, "Check the indentation; a text that holds ': ' stands in quotes.");
        if (!invalid.Message.Contains("tab as indentation", StringComparison.Ordinal))
            return (line, column, null);
        // The parser names the start of the mapping, which can be a hundred lines above the tab.
        var lines = text.Split('\n');
        var tabbed = Array.FindIndex(lines, l => l.AsSpan(0, l.Length - l.AsSpan().TrimStart().Length).TrimEnd('\r').Contains('\t'));
        return tabbed < 0 ? (line, column, null) : (tabbed + 1, lines[tabbed].IndexOf('\t', StringComparison.Ordinal) + 1, "Indent with spaces.");
    }

    private static void Feed(NodeBuilder builder, ErrorList errors, ParsingEvent current, Origin origin)
    {
        if (current is NodeEvent { Anchor.IsEmpty: false })
            errors.Add(origin, builder.Path, "an anchor is not allowed", "Write the value out where it is needed.");
        if (current is NodeEvent { Tag.IsEmpty: false } node)
            errors.Add(origin, builder.Path, $"a tag is not allowed (it was {PrintableText.Text(node.Tag.ToString())})", "Leave the tag out.");
        switch (current)
        {
            case AnchorAlias alias:
                builder.Refuse(origin, $"an alias is not allowed (value was *{PrintableText.Text(alias.Value.Value)})", "Write the value out.");
                break;
            case Scalar { Value: "<<", Style: ScalarStyle.Plain } when builder.ExpectsKey:
                builder.Refuse(origin, "a merge key is not allowed (key was <<)", "Write the keys out.");
                break;
            case Scalar scalar:
                builder.Scalar(origin, scalar.Style == ScalarStyle.Plain ? KindOf(scalar.Value) : ScalarKind.Text, scalar.Value);
                break;
            case MappingStart:
                builder.Begin(new MappingNode(origin));
                break;
            case SequenceStart:
                builder.Begin(new SequenceNode(origin));
                break;
            case MappingEnd or SequenceEnd:
                builder.Close();
                break;
        }
    }

    /// <summary>YAML 1.2's core schema, without its octal and hexadecimal integers: <c>yes</c>, <c>on</c> and <c>0x10</c> are texts.</summary>
    private static ScalarKind KindOf(string plain) => plain switch
    {
        "" => ScalarKind.Empty,
        "~" or "null" or "Null" or "NULL" => ScalarKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarKind.Boolean,
        _ when Number().IsMatch(plain) => ScalarKind.Number,
        _ when NotFinite().IsMatch(plain) => ScalarKind.NotFinite,
        _ => ScalarKind.Text,
    };

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Number();

    [GeneratedRegex(@"\A([-+]?\.(inf|Inf|INF)|\.nan|\.NaN|\.NAN)\z")]
    private static partial Regex NotFinite();
}
