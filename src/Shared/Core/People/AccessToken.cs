using System.Buffers.Text;
using System.Security.Cryptography;
using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Core.People;

/// <summary>
/// A secret that proves who somebody is: 256 random bits, written in the letters of an address. No password: too long to be guessed, so a plain SHA-256 of it
/// can be stored, and finding it by that hash tells nothing by its timing.
/// </summary>
public static class AccessToken
{
    /// <summary>Marks a secret as one of ours, for scanners of sources and logs.</summary>
    private const string Mark = "cdt_";
    private const int Bytes = 32;
    /// <summary>32 bytes in base64url.</summary>
    private const int Letters = 43;

    /// <summary>The environment variable by which a verb of the command line is given one.</summary>
    public const string Variable = "CHANGEDETECTION_TOKEN";

    public static string Create() => Mark + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Whether a text can be a token at all. What cannot is refused before the database is asked.</summary>
    public static bool IsWellFormed(string? text) =>
        text is not null && text.Length == Mark.Length + Letters && text.StartsWith(Mark, StringComparison.Ordinal)
        && text.AsSpan(Mark.Length).IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") < 0;

    /// <summary>What is stored of it.</summary>
    public static string Sha256(string token) => Sha256Hex.Of(token);
}
