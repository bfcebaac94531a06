using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Hosting;

public sealed class UtcTimeTests
{
    private static readonly DateTime s_moment = new(2026, 11, 29, 22, 6, 39, DateTimeKind.Utc);

    [Fact]
    public void Text_OfAMoment_CarriesItsZone()
    {
        Assert.Equal("2026-11-29 22:06:39 UTC", UtcTime.Text(s_moment));
        Assert.Equal("22:06:39 UTC", UtcTime.OfDay(s_moment));
        Assert.Equal("2026-11-29 22:06:39 UTC ", s_moment.ToString(UtcTime.LogFormat, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>A format of its own somewhere else would be a time without a zone before long.</summary>
    [Fact]
    public void Formats_ForPeople_StandInOnePlace()
    {
        var others = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".razor", StringComparison.Ordinal))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)
                && !file.Contains("/bin/", StringComparison.Ordinal) && Path.GetFileName(file) != "UtcTime.cs")
            .Where(file => File.ReadLines(file)
                .Any(line => line.Contains("HH:mm", StringComparison.Ordinal) && !line.Contains("UTC", StringComparison.Ordinal)));
        Assert.Empty(others);
    }
}
