using System.Runtime.InteropServices;
using ChangeDetection.Worker.Check;

namespace ChangeDetection.Worker.Tests.Check;

public sealed class UndefinedSymbolsTests
{
    private const string IsAvailable = "_ZN5torch4cuda12is_availableEv";
    private static readonly string s_binding = Path.Combine(WorkerCheck.Libtorch, "libLibTorchSharp.so");

    [Fact]
    public void Of_TheBinding_NamesWhatItTakesFromLibtorch()
    {
        var symbols = UndefinedSymbols.Of(s_binding);

        Assert.Contains(IsAvailable, symbols);
        Assert.True(symbols.Count > 1000, $"{symbols.Count} symbols");
        // Its own are defined in it.
        Assert.DoesNotContain("THSTorchCuda_is_available", symbols);
    }

    [Fact]
    public void Missing_InALibraryThatDoesNotHaveThem_NamesThem()
    {
        var library = NativeLibrary.Load(Path.Combine(WorkerCheck.Libtorch, "libc10.so"));

        Assert.Equal([IsAvailable], UndefinedSymbols.Missing([IsAvailable, "memcpy"], [library]));
    }

    [Fact]
    public void Of_AnythingElseThanALibrary_IsRefused()
        => Assert.Throws<InvalidDataException>(() => UndefinedSymbols.Of(typeof(UndefinedSymbolsTests).Assembly.Location));

    [Theory]
    [InlineData(IsAvailable, "torch::cuda::is_available()")]
    [InlineData("memcpy", "memcpy")]
    public void Demangle_GivesTheNameInCpp(string symbol, string name) => Assert.Equal(name, UndefinedSymbols.Demangle(symbol));
}
