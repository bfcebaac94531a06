using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace ChangeDetection.Datasets.Shards;

/// <summary>
/// JSON in which names of any script stand as they are. What is escaped in ASCII stays escaped, so that files of such names are what they were.
/// </summary>
public static class ReadableJson
{
    public static JavaScriptEncoder Encoder { get; } = JavaScriptEncoder.Create(UnicodeRanges.All);
}
