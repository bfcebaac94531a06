using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>What the reading of every value shares.</summary>
/// <param name="BaseFolder">Folder that relative paths are taken from; null where none may stand (a stored config).</param>
/// <param name="KnownPaths">Every path of the schema, to suggest <c>train.epochs</c> to who wrote <c>epochs</c>.</param>
internal sealed record ReadScope(ErrorList Errors, string? BaseFolder, IReadOnlyList<string> KnownPaths);

/// <summary>Which keys are written.</summary>
internal enum JsonForm
{
    /// <summary>All, in the schema's order.</summary>
    Whole,
    /// <summary>Those that can change a result, in ordinal order: what the digest is taken of.</summary>
    Result,
}
