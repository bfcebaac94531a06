using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ChangeDetection.Configuration.Documents;

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
        try
        {
            while (parser.MoveNext())
            {
                var current = parser.Current!;
                var origin = originAt((int)current.Start.Line, (int)current.Start.Column);
                if (current is DocumentStart && ++documents > 1)
                    errors.Stop(origin, "", "holds more than one document", "Put each experiment in a file of its own.");
                Feed(builder, errors, current, origin);
            }
        }
        catch (YamlException invalid)
        {
            var origin = originAt((int)invalid.Start.Line, (int)invalid.Start.Column);
            errors.Stop(origin, "", $"is not valid YAML: {Echo.Sentence(invalid.Message)}", null, invalid);
        }
        catch (InvalidOperationException stray)
        {
            // The parser's way to say that text follows the end of the last document (found by fuzzing).
            var end = parser.Current?.End ?? Mark.Empty;
            errors.Stop(originAt((int)end.Line, (int)end.Column), "", "is not valid YAML: something follows the end of the document", null, stray);
        }
        return builder.Root;
    }

    private static void Feed(NodeBuilder builder, ErrorList errors, ParsingEvent current, Origin origin)
    {
        if (current is NodeEvent { Anchor.IsEmpty: false })
            errors.Add(origin, builder.Path, "an anchor is not allowed", "Write the value out where it is needed.");
        if (current is NodeEvent { Tag.IsEmpty: false } node)
            errors.Add(origin, builder.Path, $"a tag is not allowed (it was {Echo.Text(node.Tag.ToString())})", "Leave the tag out.");
        switch (current)
        {
            case AnchorAlias alias:
                builder.Refuse(origin, $"an alias is not allowed (value was *{Echo.Text(alias.Value.Value)})", "Write the value out.");
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
