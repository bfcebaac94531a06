using System.Text;
using System.Text.Json;

namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>Reads strict JSON (no comments, no trailing commas) into the same tree as <see cref="YamlTree"/>, with the place of every value.</summary>
internal static class JsonTree
{
    /// <exception cref="ConfigurationException">The text is no JSON, or breaks a limit.</exception>
    public static ConfigNode? Read(string text, Func<int, int, Origin> originAt, ErrorList errors)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var place = new Place(utf8);
        var builder = new NodeBuilder(errors);
        // One level more than the builder takes, so that the builder names the level's place.
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = NodeBuilder.MaxDepth + 1 });
        try
        {
            while (reader.Read())
            {
                var (line, column) = place.At(reader.TokenStartIndex);
                Feed(builder, ref reader, originAt(line, column));
            }
        }
        catch (JsonException invalid)
        {
            var line = (int)(invalid.LineNumber ?? 0) + 1;
            var column = (int)(invalid.BytePositionInLine ?? 0) + 1;
            // The message ends with the place once more, counted from 0.
            var message = invalid.Message.Split(" LineNumber:")[0];
            errors.Stop(originAt(line, column), "", $"is not valid JSON: {PrintableText.Sentence(message)}", null, invalid);
        }
        return builder.Root;
    }

    private static void Feed(NodeBuilder builder, ref Utf8JsonReader reader, Origin origin)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                builder.Begin(new MappingNode(origin));
                break;
            case JsonTokenType.StartArray:
                builder.Begin(new SequenceNode(origin));
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                builder.Close();
                break;
            case JsonTokenType.PropertyName or JsonTokenType.String:
                builder.Scalar(origin, ScalarKind.Text, TextOf(ref reader));
                break;
            case JsonTokenType.Number:
                builder.Scalar(origin, ScalarKind.Number, Encoding.UTF8.GetString(reader.ValueSpan));
                break;
            case JsonTokenType.True or JsonTokenType.False:
                builder.Scalar(origin, ScalarKind.Boolean, reader.TokenType == JsonTokenType.True ? "true" : "false");
                break;
            default:
                builder.Scalar(origin, ScalarKind.Null, "null");
                break;
        }
    }

    /// <summary>The unescaped text. <c>\ud800</c> without its other half is an error of the document, not of the program.</summary>
    private static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException halfPair)
        {
            throw new JsonException("A \\u escape is half of a surrogate pair.", null, null, null, halfPair);
        }
    }

    /// <summary>Lines and columns of byte offsets that only grow.</summary>
    private sealed class Place(byte[] utf8)
    {
        private long _offset;
        private int _line = 1;
        private int _column = 1;

        public (int Line, int Column) At(long offset)
        {
            for (; _offset < offset; _offset++)
            {
                var b = utf8[_offset];
                if (b == '\n')
                    (_line, _column) = (_line + 1, 1);
                else if ((b & 0xC0) != 0x80)
                    _column++;
            }
            return (_line, _column);
        }
    }
}
