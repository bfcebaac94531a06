using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Weights.Export;

/// <summary>The description of one network, to be told to a format; marked with the names it is for (<see cref="ImplementsAttribute"/>).</summary>
internal delegate NetworkDescription NetworkDescriptionFactory(INetworkGraph graph, NetworkExport network);

/// <summary>A network as it computes outside training, told to a format: two images to log-probabilities of its classes.</summary>
internal abstract class NetworkDescription(INetworkGraph graph, NetworkExport network)
{
    protected INetworkGraph Graph { get; } = graph;

    protected NetworkExport Network { get; } = network;

    /// <returns>The output.</returns>
    public abstract string Tell(string before, string after);

    protected bool Has(string layer) => Network.Weights.ContainsKey($"{layer}.weight");

    /// <param name="perChannel">Whether each channel of the result comes from a group of its own.</param>
    protected string Convolution(string layer, string x, int stride = 1, bool perChannel = false)
    {
        var weight = Network.Tensor($"{layer}.weight");
        return Graph.Convolution(
            layer, x, new ConvolutionShape((int)weight.Shape[2], stride, perChannel ? weight.Shape[0] : 1, HasBias(layer), Transposed: false));
    }

    protected string TransposedConvolution(string layer, string x, int stride) =>
        Graph.Convolution(layer, x, new ConvolutionShape((int)Network.Tensor($"{layer}.weight").Shape[2], stride, Groups: 1, HasBias(layer), Transposed: true));

    /// <summary>Convolution, batch norm and ReLU.</summary>
    protected string Unit(string convolved, string normalization) => Graph.Rectify(Graph.Normalization(normalization, convolved));

    /// <summary>x · σ(x).</summary>
    protected string Silu(string x) => Graph.Multiply(x, Graph.Sigmoid(x));

    /// <summary>The log-probabilities of logits: one for two classes, that of change, else one for each.</summary>
    protected string OfLogits(string logits) => Network.Classes == 2
        ? Graph.Concatenate(Graph.LogSigmoid(Graph.Negate(logits)), Graph.LogSigmoid(logits))
        : Graph.LogSoftmax(logits);

    private bool HasBias(string layer) => Network.Weights.ContainsKey($"{layer}.bias");
}
