using System.Text;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.PyTorch;

/// <summary>
/// Files of PyTorch (<c>.pth</c>, <c>.pt</c>) in its zip format, since 1.6: a pickle that says which record holds which tensor, and the records.
/// A pickle is a program; here it is read by a machine that knows tensors and nothing else (<see cref="PickleMachine"/>).
/// </summary>
public static class PyTorchFile
{
    /// <summary>Room for some hundred thousand tensors.</summary>
    private const int MaxPickleLength = 16 * 1024 * 1024;
    private const int CopyFactor = 4;
    private const int LeastCopies = 1024 * 1024;
    private const string PickleName = "data.pkl";
    private const string MeaningName = $"{WeightsMeaning.Key}.json";

    /// <summary>
    /// Reads a state dictionary, also one inside a training checkpoint. Views are made row-major.
    /// </summary>
    /// <param name="file">The whole file.</param>
    /// <param name="subject">The file's name, for messages.</param>
    /// <param name="key">The entry that holds it, dotted; empty: it is found.</param>
    /// <exception cref="CheckpointInvalidException">The file is damaged, or holds or asks for anything but tensors.</exception>
    public static WeightsFile Read(ReadOnlyMemory<byte> file, string subject, string key = "")
    {
        var records = new ZipRecords(file, subject);
        var root = Root(records, subject);
        if (records.Names.Contains($"{root}constants.pkl"))
        {
            if (records.Names.Contains(root + OwnExport.TorchScriptRecord))
                throw OwnExport.Refused(subject, "TorchScript");
            throw new CheckpointInvalidException(
                subject, "it is a TorchScript archive, which is a program. Save its weights alone: torch.save(torch.jit.load(FILE).state_dict(), " +
                "NEW).");
        }
        if (records.Find($"{root}byteorder") is { } order && !order.Span.SequenceEqual("little"u8))
            throw new CheckpointInvalidException(subject, "its numbers are not little-endian. Save it again on another machine.");
        var pickle = records.Find(root + PickleName)!.Value;
        if (pickle.Length > MaxPickleLength)
            throw new CheckpointInvalidException(subject, $"its pickle is {pickle.Length} bytes long; at most {MaxPickleLength} are read.");
        var notes = new List<string>();
        var state = StateDictionary.Find(new PickleMachine(pickle, subject).Run(), key, subject, notes);
        var views = new StridedView(subject, Math.Max((long)CopyFactor * file.Length, LeastCopies));
        return new WeightsFile(
            state.ToDictionary(entry => entry.Name, entry => Read(entry.Name, entry.Tensor, records, root, views, subject), StringComparer.Ordinal), notes)
        {
            Meaning = Meaning(records, root, subject),
        };
    }

    /// <summary>
    /// Writes a state dictionary that <c>torch.load(FILE, weights_only=True)</c> reads, which passes over records that no tensor is in. A function of its
    /// arguments alone.
    /// </summary>
    /// <param name="meaning">What the file is to say of itself; null for nothing.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or all of them do not fit into a plain zip file.</exception>
    public static async Task WriteAsync(
        Stream stream, IEnumerable<TensorData> tensors, CancellationToken cancellationToken, WeightsMeaning? meaning = null)
    {
        var ordered = tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToList();
        for (var i = 1; i < ordered.Count; i++)
        {
            if (ordered[i].Name == ordered[i - 1].Name)
                throw new ArgumentException($"Two tensors are named '{ordered[i].Name}'.", nameof(tensors));
        }
        var records = new List<(string, ReadOnlyMemory<byte>)> { (PickleName, PickleText.OfStateDictionary(ordered)), ("byteorder", "little"u8.ToArray()) };
        if (meaning is not null)
            records.Add((MeaningName, Encoding.UTF8.GetBytes(meaning.ToJson())));
        records.AddRange(ordered.Select((tensor, number) => ($"data/{number}", tensor.Bytes)));
        records.Add(("version", "3\n"u8.ToArray()));
        await ZipWriter.WriteAsync(stream, "archive/", records, cancellationToken);
    }

    private static WeightsMeaning? Meaning(ZipRecords records, string root, string subject)
    {
        if (records.Find(root + MeaningName) is not { } json)
            return null;
        return json.Length <= WeightsMeaning.MaxBytes
            ? WeightsMeaning.Parse(Encoding.UTF8.GetString(json.Span), subject)
            : throw new CheckpointInvalidException(
                subject, $"its record {MeaningName} is {json.Length} bytes long; at most {WeightsMeaning.MaxBytes} are read.");
    }

    private static TensorData Read(string name, PickledTensor tensor, ZipRecords records, string root, StridedView views, string subject)
    {
        var storage = tensor.Storage;
        var bytes = records.Find($"{root}data/{storage.Key}")
            ?? throw new CheckpointInvalidException(
                subject, $"tensor {QuotedName.Of(name)} is in the record {QuotedName.Of($"data/{storage.Key}")}, which the file does not have.");
        if (bytes.Length != (Int128)storage.Count * storage.Type.Size())
            throw new CheckpointInvalidException(subject,
                $"tensor {QuotedName.Of(name)} is in a storage of {storage.Count} {storage.Type} numbers, but its record has {bytes.Length} bytes.");
        return new TensorData(name, storage.Type, tensor.Shape, views.Rows(name, tensor, bytes));
    }

    /// <summary>The folder in the archive that everything stands in, with its slash.</summary>
    private static string Root(ZipRecords records, string subject)
    {
        var pickles = records.Names.Where(
            name => name.EndsWith($"/{PickleName}", StringComparison.Ordinal)
            && name.IndexOf('/', StringComparison.Ordinal) == name.Length - PickleName.Length - 1).ToList();
        return pickles is [var only]
            ? only[..^PickleName.Length]
            : throw new CheckpointInvalidException(
                subject, $"this zip file is none of PyTorch's: it has {pickles.Count} records FOLDER/{PickleName} instead of one.");
    }
}
