using System.Text;

namespace ChangeDetection.Core.Hosting;

/// <summary>
/// A file that holds one secret on one line, as container platforms (<c>/run/secrets/NAME</c>) and service managers (systemd's credentials) hand it to a
/// program: unlike a variable it stands in no listing of processes, and no child inherits it.
/// </summary>
/// <remarks>No message repeats any of its content.</remarks>
internal static class SecretFile
{
    private const int MostBytes = 64 << 10;
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The line, without white space around it.</summary>
    /// <param name="variable">The setting that names the file: messages begin with it.</param>
    /// <param name="path">An absolute path.</param>
    /// <exception cref="SettingsException">There is no such file, this account may not read it, or it is not one line of text.</exception>
    public static string Read(string variable, string path)
    {
        if (!Path.IsPathFullyQualified(path))
            throw Wrong("is no absolute path. Write it like /run/secrets/database.");
        // What a container platform makes where it was told to mount a file that is not there.
        if (Directory.Exists(path))
            throw Wrong("is a folder. Look whether the secret's file is where the container, or the service, takes it from.");
        var text = Line(Bytes()).Trim();
        return text.Length == 0 ? throw Wrong("is empty. Write the secret into it, on one line.")
            : text.Any(char.IsControl) ? throw Wrong("has more than one line, or a control character. It is to hold the secret alone, on one line.")
            : text;

        byte[] Bytes()
        {
            try
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read);
                var bytes = new byte[MostBytes + 1];
                return bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
            }
            catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
            {
                throw Wrong("does not exist. Name the file that holds the secret.", error);
            }
            catch (UnauthorizedAccessException error)
            {
                throw Wrong($"cannot be read by this account ({Environment.UserName}). Let it belong to that account, or let its group read it.", error);
            }
            catch (IOException error)
            {
                throw Wrong($"cannot be read: {error.Message}", error);
            }
        }

        string Line(byte[] bytes)
        {
            if (bytes.Length > MostBytes)
                throw Wrong($"is larger than {MostBytes >> 10} KiB, which no secret is. Name the file that holds it alone.");
            try
            {
                return s_utf8.GetString(bytes).TrimStart('\uFEFF');
            }
            catch (DecoderFallbackException error)
            {
                throw Wrong("is no text in UTF-8. Write the secret into it, on one line.", error);
            }
        }

        SettingsException Wrong(string problem, Exception? inner = null) => new($"{variable}: '{path}' {problem}", inner);
    }
}
