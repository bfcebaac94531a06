using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Training.Optimizers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

[Collection(TorchCollection.Name)]
public sealed class OptimizerTests
{
    private const double Rate = 0.05;
    private const double Decay = 0.01;
    private const double Momentum = 0.8;

    [Theory]
    [InlineData(OptimizerNames.Adam)]
    [InlineData(OptimizerNames.AdamW)]
    [InlineData(OptimizerNames.Sgd)]
    public void Step_FollowsPyTorchs(string name)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = Twins();
        using var optimizer = OptimizerCatalogue.Create(ours, new OptimizerConfig { Name = name, WeightDecay = Decay, Momentum = Momentum });
        optim.Optimizer reference = name switch
        {
            OptimizerNames.Adam => optim.Adam(theirs.parameters(), Rate, weight_decay: Decay),
            OptimizerNames.AdamW => optim.AdamW(theirs.parameters(), Rate, weight_decay: Decay),
            _ => optim.SGD(theirs.parameters(), Rate, Momentum, weight_decay: Decay),
        };
        for (var step = 1; step <= 5; step++)
        {
            var input = randn(2, 4);
            ours.call(input).pow(2).sum().backward();
            optimizer.Step(step, Rate);
            reference.zero_grad();
            theirs.call(input).pow(2).sum().backward();
            reference.step();
        }

        foreach (var (parameter, tensor) in ours.state_dict())
            Assert.True(tensor.allclose(theirs.state_dict()[parameter], 1e-5, 1e-6), parameter);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1e6)]
    public void ClipGradients_FollowsPyTorchs(double norm)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = Twins();
        using var optimizer = new Sgd(ours, 0, 0);
        var input = randn(2, 4);
        ours.call(input).pow(2).sum().backward();
        theirs.call(input).pow(2).sum().backward();

        optimizer.ClipGradients(norm);
        nn.utils.clip_grad_norm_(theirs.parameters(), norm);

        foreach (var (one, other) in ours.parameters().Zip(theirs.parameters()))
            Assert.True(one.grad!.allclose(other.grad!, 1e-5, 1e-7));
    }

    private static (Linear Ours, Linear Theirs) Twins()
    {
        manual_seed(3);
        var (ours, theirs) = (nn.Linear(4, 3), nn.Linear(4, 3));
        theirs.load_state_dict(ours.state_dict());
        return (ours, theirs);
    }
}
