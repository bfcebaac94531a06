using System.Text;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// File names in Unicode's composed form (NFC), which all of ours have: macOS and some archives hand out the decomposed one (NFD), so that two names that
/// look the same, and are meant to be the same, differ in their bytes.
/// </summary>
internal static class UnicodeName
{
    private const string Decomposed = "e\u0301";

    /// <summary>The name in composed form.</summary>
    /// <exception cref="PackRequestException">It needs ICU, which this process runs without.</exception>
    public static string Composed(string name)
    {
        if (Ascii.IsValid(name))
            return name;
        // Without ICU the runtime leaves every text as it is, and pairs would be missed without a word.
        if (Decomposed.Normalize(NormalizationForm.FormC) == Decomposed)
            throw new PackRequestException(
                $"The name '{name}' holds letters beyond ASCII, and this process runs without ICU, which such names need. Install libicu, and leave " +
                "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT unset.");
        return name.Normalize(NormalizationForm.FormC);
    }
}
