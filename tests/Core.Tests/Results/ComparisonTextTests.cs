using System.Text.Json;
using ChangeDetection.Core.Results;

namespace ChangeDetection.Core.Tests.Results;

public sealed class ComparisonTextTests
{
    private static readonly ComparisonTable s_table = new(
        ["test/f1", "test/calibration_error"],
        [
            new ComparisonRow("szada fc-ef", "fc-ef", [7, 8, 9], null, new Dictionary<string, MeanAndDeviation>
            {
                ["test/f1"] = new(0.5, 0.0123, 3), ["test/calibration_error"] = new(0.02, 0.001, 3),
            }),
            new ComparisonRow(
                "fc-ef, published", "fc-ef", [], "Daudt, \"ICIP\" | 100 %_2018",
                new Dictionary<string, MeanAndDeviation> { ["test/f1"] = new(0.514, null, 0) }),
            new ComparisonRow("szada fc-siam-diff", "fc-siam-diff", [7], null, new Dictionary<string, MeanAndDeviation>
            {
                ["test/f1"] = new(0.6, null, 1), ["test/calibration_error"] = new(0.03, null, 1),
            }),
        ],
        []);

    [Fact]
    public void Markdown_HasMeanDeviationAndN_TheBestInBold_AndADashForOneValue() => Assert.Equal(
        """
        |  | n | test/f1 % | test/calibration_error |
        | --- | ---: | ---: | ---: |
        | szada fc-ef | 3 | 50.00 ± 1.23 | **0.0200 ± 0.0010** |
        | fc-ef, published: Daudt, "ICIP" \| 100 %_2018 | – | 51.40 | – |
        | szada fc-siam-diff | 1 | **60.00 ± –** | 0.0300 ± – |
        """, ComparisonText.Markdown(s_table));

    [Fact]
    public void Latex_IsATable_WithEverythingEscaped() => Assert.Equal(
        """
        \begin{tabular}{lrrr}
        \hline
         & $n$ & test/f1 \% & test/calibration\_error \\
        \hline
        szada fc-ef & 3 & 50.00 $\pm$ 1.23 & \textbf{0.0200 $\pm$ 0.0010} \\
        fc-ef, published: Daudt, "ICIP" | 100 \%\_2018 & -- & 51.40 & -- \\
        szada fc-siam-diff & 1 & \textbf{60.00 $\pm$ --} & 0.0300 $\pm$ -- \\
        \hline
        \end{tabular}
        """, ComparisonText.Latex(s_table));

    [Fact]
    public void Csv_HasSharesInFull_AndQuotesWhatNeedsIt() => Assert.Equal(
        "name,model,source,n,seeds," +
        "test/f1,test/f1 deviation,test/f1 n,test/f1 best," +
        "test/calibration_error,test/calibration_error deviation,test/calibration_error n,test/calibration_error best\n" +
        """
        szada fc-ef,fc-ef,,3,7 8 9,0.5,0.0123,3,false,0.02,0.001,3,true
        "fc-ef, published",fc-ef,"Daudt, ""ICIP"" | 100 %_2018",,,0.514,,,false,,,,
        szada fc-siam-diff,fc-siam-diff,,1,7,0.6,,1,true,0.03,,1,false
        """, ComparisonText.Csv(s_table));

    [Fact]
    public void Json_SaysTheSameForPrograms()
    {
        var rows = JsonDocument.Parse(ComparisonText.Json(s_table)).RootElement;

        Assert.Equal(3, rows.GetArrayLength());
        var f1 = rows[0].GetProperty("scores").GetProperty("test/f1");
        Assert.Equal(
            (0.5, 0.0123, 3, false),
            (f1.GetProperty("mean").GetDouble(), f1.GetProperty("deviation").GetDouble(),
                f1.GetProperty("n").GetInt32(), f1.GetProperty("best").GetBoolean()));
        Assert.Equal([7, 8, 9], rows[0].GetProperty("seeds").EnumerateArray().Select(seed => seed.GetInt32()));
        Assert.Equal(JsonValueKind.Null, rows[1].GetProperty("n").ValueKind);
        Assert.True(rows[2].GetProperty("scores").GetProperty("test/f1").GetProperty("best").GetBoolean());
    }

    [Fact]
    public void Markdown_OfAScoreThatSomeRunsLack_SaysOfHowManyItIs()
    {
        var row = new ComparisonRow("a", "fc-ef", [1, 2, 3], null, new Dictionary<string, MeanAndDeviation> { ["test/f1"] = new(0.5, 0.1, 2) });
        Assert.Contains("| 50.00 ± 10.00 (n = 2) |", ComparisonText.Markdown(new ComparisonTable(["test/f1"], [row], [])), StringComparison.Ordinal);
    }
}
