using System.Diagnostics.CodeAnalysis;

namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>The errors of one reading, gathered so that the user sees all of them at once.</summary>
internal sealed class ErrorList
{
    /// <summary>A hostile file can break a rule a hundred thousand times; nobody reads more than this.</summary>
    private const int MaxErrors = 100;

    private readonly List<ConfigurationError> _errors = [];
    private int _left;

    /// <summary>Whether further errors are only counted: then their suggestions, the costly part, need not be looked for.</summary>
    public bool IsFull => _errors.Count == MaxErrors;

    public int Count => _errors.Count;

    public void Add(Origin origin, string path, string message, string? suggestion = null)
    {
        if (!IsFull)
            _errors.Add(new ConfigurationError(origin.Source, origin.Line, origin.Column, path, message, suggestion));
        else
            _left++;
    }

    /// <summary>An error after which nothing else in the document can be trusted: throws it with all the others.</summary>
    [DoesNotReturn]
    public void Stop(Origin origin, string path, string message, string? suggestion = null, Exception? inner = null)
    {
        Add(origin, path, message, suggestion);
        throw ToException(inner);
    }

    /// <summary>Whether the value at the path, one below it or one that holds it is known to be wrong.</summary>
    public bool Touch(string path) => Touch(path, _errors.Count);

    /// <summary>The same, by the first so many errors.</summary>
    public bool Touch(string path, int first) => _errors.Take(first).Any(e => e.Path == path || IsBelow(e.Path, path) || IsBelow(path, e.Path));

    /// <exception cref="ConfigurationException">Anything was added.</exception>
    public void ThrowIfAny()
    {
        if (_errors.Count > 0)
            throw ToException(null);
    }

    private static bool IsBelow(string path, string holder) =>
        holder.Length > 0 && path.Length > holder.Length && path.StartsWith(holder, StringComparison.Ordinal) && path[holder.Length] is ('.' or '[');

    private ConfigurationException ToException(Exception? inner)
    {
        // Errors of options have no line and come last.
        var sorted = _errors.OrderBy(e => e.Line ?? int.MaxValue).ThenBy(e => e.Column ?? int.MaxValue).ToList();
        if (_left > 0)
            sorted.Add(new ConfigurationError(sorted[0].Source, null, null, "", $"has {_left} more errors, not listed"));
        return new ConfigurationException(sorted, inner);
    }
}
