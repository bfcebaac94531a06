using System.Text;

namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>Gets the text of a document, bounded before anything is parsed.</summary>
internal static class SourceText
{
    /// <summary>1 MiB: a thousand times what an experiment needs.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly string s_tooLarge = $"is larger than {MaxBytes} bytes, more than any config needs";

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads at most <see cref="MaxBytes"/>, whatever length the file claims to have.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, is too large, or is not UTF-8.</exception>
    public static string ReadFile(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaxBytes)
                throw new ConfigurationException(new ConfigurationError(path, null, null, "", s_tooLarge));
            return s_strictUtf8.GetString(bytes, 0, length);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var problem = unreadable switch
            {
                FileNotFoundException or DirectoryNotFoundException => "does not exist",
                DecoderFallbackException => "is not UTF-8",
                UnauthorizedAccessException when Directory.Exists(path) => "is a folder, not a file",
                UnauthorizedAccessException => "may not be read by this user",
                _ => $"cannot be read: {unreadable.Message.TrimEnd('.')}",
            };
            throw new ConfigurationException(new ConfigurationError(path, null, null, "", problem), unreadable);
        }
    }

    /// <summary>What makes the text unreadable before it is parsed, with its place; null when nothing does.</summary>
    public static (int Line, int Column, string Message)? Problem(string text)
    {
        // A character takes one byte at least.
        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes)
            return (1, 1, s_tooLarge);
        var (line, lineStart) = (1, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
                (line, lineStart) = (line + 1, i + 1);
            // The YAML scanner takes a NUL for the end of the text and would silently ignore the rest.
            else if (text[i] < ' ' && text[i] is not ('\t' or '\r') || text[i] == '\x7f')
                return (line, i - lineStart + 1, $"holds the control character U+{(int)text[i]:X4}");
        }
        return null;
    }
}
