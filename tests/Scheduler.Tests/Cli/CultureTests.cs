using System.Globalization;
using System.Text;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>Programs of ours write and read in one way on machines of any language, and have ICU for names of any script.</summary>
public sealed class CultureTests
{
    [Fact]
    public void Program_OfAnyLanguage_HasTheInvariantCultureOnEveryThread()
    {
        var cultures = new List<CultureInfo> { CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture };
        var thread = new Thread(() => cultures.AddRange([CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture]));
        thread.Start();
        thread.Join();
        Assert.All(cultures, culture => Assert.Equal(CultureInfo.InvariantCulture, culture));
    }

    [Fact]
    public void Program_KnowsUnicodesForms() => Assert.Equal("é", "e\u0301".Normalize(NormalizationForm.FormC));
}
