using Mono.Cecil;
using Mono.Cecil.Cil;

namespace ChangeDetection.Architecture.Tests;

/// <summary>
/// Whether gradients are recorded, inference mode and the current dispose scope of libtorch belong to a thread. A method that waits between the change and its
/// end goes on in another thread: the first goes back to the pool as it is, and whatever runs there next finds it changed.
/// </summary>
public sealed class ThreadStateTests
{
    private const string Torch = "TorchSharp.torch";

    /// <summary>Change the thread that calls them until what they return is disposed.</summary>
    private static readonly string[] s_scopes = ["no_grad", "enable_grad", "set_grad_enabled", "inference_mode", "NewDisposeScope"];

    /// <summary>Change a thread or the process, and nothing undoes it.</summary>
    private static readonly string[] s_settings = ["set_num_threads", "set_num_interop_threads", "set_default_dtype", "set_default_device"];

    [Fact]
    public void Scopes_OfAThread_AreClosedByAUsingWithoutAWaitInIt()
    {
        var wrong = BuiltAssemblies.Src.Concat(BuiltAssemblies.Tests).SelectMany(module => Unclosed(module, method => IsOneOf(method, s_scopes))).ToList();
        Assert.True(wrong.Count == 0, $"Open across an await or yield, or not closed by a using: {string.Join(", ", wrong)}");
    }

    [Fact]
    public void Settings_WithoutAnEnd_AreMadeWhereADeviceIsOpened()
    {
        var callers = from module in BuiltAssemblies.Src.Concat(BuiltAssemblies.Tests)
                      from method in Methods(module)
                      where method.Body.Instructions.Any(instruction => instruction.Operand is MethodReference called && IsOneOf(called, s_settings))
                      select method.DeclaringType.Name;
        Assert.Equal(["ComputeDevice"], callers.Distinct());
    }

    [Fact]
    public void Rule_OnSamples_FindsExactlyWhatWaits()
    {
        using var module = ModuleDefinition.ReadModule(typeof(ThreadStateTests).Assembly.Location);
        var found = Unclosed(module, method => method.DeclaringType.Name == nameof(Samples) && method.Name == nameof(Samples.Scope));
        Assert.Equal(
            [nameof(Samples.AwaitsAsync), nameof(Samples.AwaitsInAnInnerUsingAsync),
                nameof(Samples.NeverCloses), nameof(Samples.Yields), nameof(Samples.YieldsAsync)],
            found.Select(name => name.Split('.')[^1]).Order(StringComparer.Ordinal));
    }

    private static bool IsOneOf(MethodReference method, string[] names) => method.DeclaringType.FullName == Torch && names.Contains(method.Name);

    private static IEnumerable<MethodDefinition> Methods(ModuleDefinition module) =>
        module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);

    /// <summary>The methods in which such a scope is not closed by a <c>using</c>, or is open across an <c>await</c> or <c>yield</c>.</summary>
    private static IEnumerable<string> Unclosed(ModuleDefinition module, Func<MethodReference, bool> opens) =>
        from method in Methods(module)
        from instruction in method.Body.Instructions
        where instruction.Operand is MethodReference called && opens(called) && !IsClosedInPlace(method.Body, instruction)
        select WrittenAs(method);

    /// <summary>
    /// A <c>using</c> is a try block right behind the call. Where a method waits or yields, it notes in its state machine where it has to go on: in that block
    /// it must not. In an iterator that yields within the block, the compiler makes no such block at all.
    /// </summary>
    private static bool IsClosedInPlace(MethodBody body, Instruction call)
    {
        const int storing = 16;
        var block = body.ExceptionHandlers
            .Where(handler => handler.HandlerType is ExceptionHandlerType.Finally
                && handler.TryStart.Offset > call.Offset && handler.TryStart.Offset <= call.Offset + storing)
            .MinBy(handler => handler.TryStart.Offset);
        return block is not null && !body.Instructions.Any(instruction =>
            instruction.Offset >= block.TryStart.Offset && instruction.Offset < block.TryEnd.Offset
            && instruction.OpCode == OpCodes.Stfld && instruction.Operand is FieldReference { Name: "<>1__state" });
    }

    /// <summary>Type and method as the source has them: the compiler names a state machine and a lambda after their method, in angle brackets.</summary>
    private static string WrittenAs(MethodDefinition method)
    {
        var (type, name) = (method.DeclaringType, method.Name);
        for (; type.DeclaringType is not null && type.Name.StartsWith('<'); type = type.DeclaringType)
        {
            if (type.Name[1] != '>')
                name = type.Name;
        }
        return $"{type.FullName}.{(name.StartsWith('<') ? name[1..name.IndexOf('>', StringComparison.Ordinal)] : name)}";
    }

    /// <summary>What the rule has to tell apart.</summary>
    private static class Samples
    {
        public static IDisposable Scope() => new MemoryStream();

        public static async Task AwaitsAsync()
        {
            using var scope = Scope();
            await Task.Yield();
        }

        public static async Task AwaitsInAnInnerUsingAsync()
        {
            using (Scope())
            {
                await using var file = new MemoryStream();
                file.WriteByte(1);
            }
        }

        public static async Task ClosesBeforeItAwaitsAsync()
        {
            using (Scope())
                GC.KeepAlive(1);
            await Task.Yield();
            using (var scope = Scope())
                scope.Dispose();
        }

        public static IDisposable NeverCloses() => Scope();

        public static int Closes()
        {
            using var one = Scope();
            using var other = Scope();
            return one.GetHashCode();
        }

        public static IEnumerable<int> Yields()
        {
            using var scope = Scope();
            yield return 1;
        }

        public static async IAsyncEnumerable<int> YieldsAsync()
        {
            await Task.Yield();
            using (Scope())
                yield return 1;
        }

        public static IEnumerable<int> ClosesBeforeItYields()
        {
            using (Scope())
                GC.KeepAlive(1);
            yield return 1;
        }
    }
}
