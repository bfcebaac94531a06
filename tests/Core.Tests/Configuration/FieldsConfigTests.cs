using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class FieldsConfigTests
{
    private const string Foreign = """
        name: foreign
        dataset:
          uri: ../data/levir
          fields: { before: a.png, after: b.png, mask: seg }
        """;

    [Fact]
    public void Read_Fields_AreTheNamesThatAreWritten() => Assert.Equal(new FieldNames("a.png", "b.png", "seg"), Texts.Read(Foreign).Dataset.Fields);

    [Fact]
    public void Read_OneField_LeavesTheOthersAsPacked() =>
        Assert.Equal(
            FieldNames.Packed with { Before = "nir" },
            Texts.Read(Foreign.Replace("before: a.png, after: b.png, mask: seg", "before: nir", StringComparison.Ordinal)).Dataset.Fields);

    [Fact]
    public void Read_NoFields_IsNone()
    {
        Assert.Null(Texts.Read(Foreign.Replace("{ before: a.png, after: b.png, mask: seg }", "none", StringComparison.Ordinal)).Dataset.Fields);
    }

    [Theory]
    [InlineData("b.png", "seg", "three different")]
    [InlineData("b.png", "b", "three different")]
    [InlineData("b.png", "../b", "dataset.fields.before")]
    [InlineData("b.png", "A.PNG", "dataset.fields.before")]
    public void Read_FieldsThatCannotBe_AreRefusedAtTheirLine(string after, string before, string said)
    {
        var errors = Texts.Errors(
            Foreign.Replace("a.png", before, StringComparison.Ordinal).Replace("after: b.png", $"after: {after}", StringComparison.Ordinal));

        var error = Assert.Single(errors);
        Assert.Equal(4, error.Line);
        Assert.Contains(said, $"{error.Path} {error.Message}", StringComparison.Ordinal);
    }
}
