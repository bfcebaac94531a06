using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Tests.Configuration;

/// <summary>Config texts the tests share, and how they read them.</summary>
internal static class Texts
{
    /// <summary>The example of the user's manual.</summary>
    public const string Documented = """
        version: 1
        name: szada-fc-siam-diff
        seed: 7
        dataset:
          uri: file:///data/szada                      # a comment
          train:    { split: train, crop: 112, samples_per_epoch: 1500 }   # crop: random crop; whole images without it
          validate: { split: val }
          test:     { split: test }
        augment:   { flip: true, rotate90: true, swap_dates: false }
        normalize: dataset                             # dataset | image | unit (divide by the type's range) | imagenet | { mean, deviation }
        model:     { name: fc-siam-diff, channels: 3, dropout: 0.2, init: default }   # init: a checkpoint to start from
        loss:      { name: nll, class_weights: auto }  # auto: [p, 1-p], p = change fraction of the training split
        optimizer: { name: adam, lr: 1e-4, weight_decay: 1e-4 }
        schedule:  { name: exponential, gamma: 0.95 }
        train:     { batch_size: 32, epochs: 50, deterministic: true }
        checkpoint: { every_epochs: 1, every_minutes: 5, keep_best: 1, keep_last: 2, metric: val/f1, mode: max }
        evaluate:  { from: best }                      # a run of its own, queued when training succeeds
        resources: { device: any, threads: 2, priority: 5 }   # any | cpu | gpu; priority 0..9, higher is sooner
        retries:   { errors: 0 }
        """;

    public const string DocumentedJson = """
        {
          "version": 1, "name": "szada-fc-siam-diff", "seed": 7,
          "dataset": {
            "uri": "file:///data/szada",
            "train": { "split": "train", "crop": 112, "samples_per_epoch": 1500 },
            "validate": { "split": "val" }, "test": { "split": "test" }
          },
          "augment": { "flip": true, "rotate90": true, "swap_dates": false },
          "normalize": "dataset",
          "model": { "name": "fc-siam-diff", "channels": 3, "dropout": 0.2, "init": "default" },
          "loss": { "name": "nll", "class_weights": "auto" },
          "optimizer": { "name": "adam", "lr": 1e-4, "weight_decay": 0.0001 },
          "schedule": { "name": "exponential", "gamma": 0.95 },
          "train": { "batch_size": 32, "epochs": 50, "deterministic": true },
          "checkpoint": { "every_epochs": 1, "every_minutes": 5, "keep_best": 1, "keep_last": 2, "metric": "val/f1", "mode": "max" },
          "evaluate": { "from": "best" },
          "resources": { "device": "any", "threads": 2, "priority": 5 },
          "retries": { "errors": 0 }
        }
        """;

    /// <summary>The least that is a config; two lines.</summary>
    public const string Least = """
        name: least
        dataset: { uri: /data/szada }

        """;

    public static ExperimentConfig Read(string text, params string[] overrides) =>
        ExperimentConfigReader.Read(text, "experiment.yaml", "/home/user/experiments", overrides);

    public static ExperimentConfig ReadJson(string text) => ExperimentConfigReader.Read(text, "experiment.json", "/home/user/experiments");

    public static IReadOnlyList<ConfigurationError> Errors(string text, params string[] overrides) =>
        Assert.Throws<ConfigurationException>(() => Read(text, overrides)).Errors;

    public static ConfigurationError OnlyError(string text, params string[] overrides) => Assert.Single(Errors(text, overrides));
}
