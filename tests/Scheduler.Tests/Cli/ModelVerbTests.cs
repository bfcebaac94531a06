using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli;

[Needs(Resource.Processes)]
public sealed class ModelVerbTests
{
    [Fact]
    public async Task List_NamesEveryNetworkWithItsParameters_AndStartsNoOtherProgram()
    {
        // In this process alone: libtorch belongs to the worker, and takes seconds to load.
        var list = await VerbRun.OfAsync("model", "list");
        Assert.Equal((0, ""), (list.Code, list.Log));
        Assert.Equal(ModelNames.All, list.Output.TrimEnd().Split('\n').Select(line => line.Split(' ')[0]));
        Assert.Contains("1,350,146 parameters  one encoder for both dates, absolute differences as skips", list.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(System.Diagnostics.Process.GetCurrentProcess().Modules.Cast<System.Diagnostics.ProcessModule>(),
            module => module.ModuleName.Contains("torch", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task List_Json_HasTheFieldsThatScriptsRelyOn()
    {
        var first = (await VerbRun.OfAsync("model", "list", "--json")).Json[0];
        Assert.Equal(["name", "summary", "source", "channels", "parameters"], first.EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            ("fc-ef", 3, 1_350_578),
            (first.GetProperty("name").GetString(), first.GetProperty("channels").GetInt32(), first.GetProperty("parameters").GetInt32()));
    }

    [Theory]
    [InlineData("fc-siam-dif", "There is no network 'fc-siam-dif'. Did you mean 'fc-siam-diff'?")]
    [InlineData("unet++", "There is no network 'unet++'. There are: fc-ef, ")]
    [InlineData("fc-ef --channels 65", "--channels must be from 1 to 64.")]
    public async Task Show_WhatThereIsNot_IsRefusedWithWhatThereIs(string line, string said) =>
        (await VerbRun.OfAsync(["model", "show", .. line.Split(' ')])).Refused(2, said);

    [Fact]
    public async Task Show_ANetwork_PrintsItAndNothingElse()
    {
        var show = await CommandRun.OfAsync(["model", "show", "tinycd", "--json"]);
        Assert.Equal((0, ""), (show.ExitCode, show.Errors));
        Assert.Equal(285_128, JsonDocument.Parse(show.Output).RootElement.GetProperty("parameters").GetInt32());
    }
}
