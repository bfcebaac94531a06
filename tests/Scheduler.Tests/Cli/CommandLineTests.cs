namespace ChangeDetection.Scheduler.Tests.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("lst", "There is no verb 'lst'. Did you mean 'list'?", "`changedetection --help`")]
    [InlineData("frobnicate", "There is no verb 'frobnicate'. There are: demo, up, ", "`changedetection --help`")]
    [InlineData("", "A verb is missing. There are: demo, up, ", "`changedetection --help`")]
    [InlineData("dataset", "A verb is missing. There are: pack, ", "`changedetection dataset --help`")]
    [InlineData("dataset pak", "There is no verb 'pak'. Did you mean 'pack'?", "`changedetection dataset --help`")]
    [InlineData("list --jsn", "There is no option '--jsn'. Did you mean '--json'?", "`changedetection list --help`")]
    [InlineData("list everything", "'everything' is one argument too many", "`changedetection list --help`")]
    [InlineData("show", "ID is missing: Id of a run or an experiment.", "`changedetection show --help`")]
    [InlineData("help", "There is no verb 'help'. Did you mean '--help'?", "`changedetection --help`")]
    [InlineData("list --limit", "--limit needs a value.", "`changedetection list --help`")]
    [InlineData("checkpoint get 0199c0de-0000-7000-8000-000000000000", "'--out' is required", "`changedetection checkpoint get --help`")]
    public async Task Parse_WordsThatAreNone_AreNamedWithWhatWasMeantAndWhereToLook(string line, string message, string help) =>
        (await VerbRun.OfAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Refused(2, message, help);

    [Theory]
    [InlineData("frobnicate all", "frobnicate")]
    [InlineData("frobnicate --all", "frobnicate")]
    [InlineData("list --lmit 3", "--lmit")]
    public async Task Parse_AWordThatIsNone_IsTheOnlyError_WhateverFollowsIt(string line, string word)
    {
        var run = await VerbRun.OfAsync(line.Split(' '));
        run.Refused(2, $"'{word}'");
        Assert.Single(run.Log.Split('\n'), text => text.StartsWith("error: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("list --limit many", "--limit: 'many' is no whole number.")]
    [InlineData("list --limit 0", "--limit must be from 1 to 100000.")]
    [InlineData("list --state done", "--state: 'done' is none of queued, running, paused, succeeded, failed, cancelled.")]
    [InlineData("up --workers two", "--workers: 'two' is no whole number.")]
    [InlineData("up --workers 65", "--workers must be from 0 to 64.")]
    [InlineData("up --port 99999", "--port must be from 1 to 65535.")]
    [InlineData("dataset pack x --layout sysu --out y --shard-mib big", "--shard-mib: 'big' is no whole number.")]
    public async Task Parse_ValuesThatDoNotFit_AreNamedWithTheRule(string line, string message) =>
        (await VerbRun.OfAsync(line.Split(' '))).Refused(2, message);

    [Theory]
    [InlineData("show")]
    [InlineData("watch")]
    [InlineData("logs")]
    [InlineData("cancel")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("retry")]
    [InlineData("checkpoint list")]
    [InlineData("worker drain")]
    public async Task Id_ThatIsNone_IsRefusedWithAnExampleBeforeAnySystemIsSought(string verb) =>
        (await VerbRun.OfAsync([.. verb.Split(' '), "../run-1", "--data-dir", "/nowhere"]))
            .Refused(2, "'../run-1' is not an id", "0199c0de-", "changedetection list");

    [Fact]
    public async Task CheckpointGet_BestAndLast_ExcludeEachOther() =>
        (await VerbRun.OfAsync("checkpoint", "get", Guid.Empty.ToString(), "--best", "--last", "--out", "x")).Refused(2, "exclude each other");
}
