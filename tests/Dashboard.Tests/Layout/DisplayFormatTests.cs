using ChangeDetection.Dashboard.Downloads;
using ChangeDetection.Dashboard.Layout;

namespace ChangeDetection.Dashboard.Tests.Layout;

public sealed class DisplayFormatTests
{
    [Theory]
    [InlineData(null, "–")]
    [InlineData(double.NaN, "–")]
    [InlineData(0.0, "0 s")]
    [InlineData(59.4, "59 s")]
    [InlineData(61.0, "1 min 01 s")]
    [InlineData(7500.0, "2 h 05 min")]
    [InlineData(90_000.0, "1 d 01 h")]
    [InlineData(-3.0, "0 s")]
    [InlineData(double.PositiveInfinity, "9999 d 00 h")]
    public void Duration_OfSeconds_NamesTheTwoLargestUnits(double? seconds, string expected) => Assert.Equal(expected, DisplayFormat.Duration(seconds));

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.59214, "0.5921")]
    [InlineData(0.00012, "1.2e-4")]
    [InlineData(0.0, "0")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(123456.0, "1.235e5")]
    public void Score_OfAValue_HasFourDecimalsOrAnExponent(double? value, string expected) => Assert.Equal(expected, DisplayFormat.Score(value));

    [Theory]
    [InlineData(0.999, "99 %")]
    [InlineData(1.0, "100 %")]
    [InlineData(1.7, "100 %")]
    public void Percent_JustBelowTheEnd_IsNotYetHundred(double fraction, string expected) => Assert.Equal(expected, DisplayFormat.Percent(fraction));

    [Theory]
    [InlineData(512, "512 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(5_423_112, "5.2 MiB")]
    public void Bytes_OfASize_HasABinaryUnit(long bytes, string expected) => Assert.Equal(expected, DisplayFormat.Bytes(bytes));

    [Theory]
    [InlineData("szada fc/siam", "szada-fc-siam")]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("...", "run")]
    [InlineData("a\"\r\nb", "a---b")]
    public void FileName_OfAnyName_IsPlainAscii(string name, string expected) => Assert.Equal(expected, FileNames.Of(name));
}
