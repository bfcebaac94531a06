namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>A training program whose configs are taken for ours now and then.</summary>
/// <param name="Marks">Keys of its own.</param>
/// <param name="Keys">What is called otherwise here.</param>
internal sealed record ForeignProgram(string Name, IReadOnlyList<string> Marks, IReadOnlyList<(string Theirs, string Ours)> Keys);

internal static class ForeignPrograms
{
    public static ForeignProgram Determined { get; } = new(
        "Determined AI",
        ["entrypoint", "searcher", "hyperparameters", "records_per_epoch", "min_validation_period", "max_restarts", "checkpoint_storage", "bind_mounts",
            "resources.slots_per_trial", "reproducibility"],
        [
            ("entrypoint", "model.name"), ("hyperparameters", "model, optimizer, schedule and train"), ("searcher", "matrix and checkpoint.metric"),
            ("searcher.metric", "checkpoint.metric"), ("searcher.max_length", "train.epochs"), ("records_per_epoch", "dataset.train.samples_per_epoch"),
            ("data", "dataset"), ("max_restarts", "retries.errors"), ("reproducibility", "seed"), ("min_checkpoint_period", "checkpoint.every_epochs"),
            ("resources.slots_per_trial", "resources.device"), ("resources.priority", "resources.priority, 0 to 9, higher is sooner"),
        ]);

    public static ForeignProgram Lightning { get; } = new(
        "PyTorch Lightning",
        ["seed_everything", "trainer", "model.class_path", "data.class_path", "data.init_args", "ckpt_path", "fit", "optimizer.class_path"],
        [
            ("seed_everything", "seed"), ("trainer.max_epochs", "train.epochs"), ("trainer.accelerator", "resources.device"),
            ("trainer.callbacks", "checkpoint and train.early_stop"), ("trainer.deterministic", "train.deterministic"),
            ("trainer.gradient_clip_val", "train.clip_norm"), ("trainer.accumulate_grad_batches", "train.accumulate"),
            ("data", "dataset"), ("data.init_args.batch_size", "train.batch_size"), ("model", "model.name"), ("optimizer", "optimizer.name"),
            ("lr_scheduler", "schedule"), ("ckpt_path", "model.init"),
        ]);

    /// <summary>MMSegmentation, open-cd, and others of its house, of the old and the new style.</summary>
    public static ForeignProgram OpenMmLab { get; } = new(
        "MMSegmentation or open-cd",
        ["_base_", "train_dataloader", "val_dataloader", "test_dataloader", "optim_wrapper", "param_scheduler", "data_preprocessor", "default_hooks",
            "default_scope", "train_cfg", "val_evaluator", "train_pipeline", "dataset_type", "data_root", "lr_config", "log_config", "model.type",
            "model.backbone", "model.decode_head"],
        [
            ("model", "model.name"), ("data_root", "dataset.uri"), ("train_dataloader", "dataset.train and train.batch_size"),
            ("val_dataloader", "dataset.validate"), ("test_dataloader", "dataset.test"), ("data", "dataset"), ("crop_size", "dataset.train.crop"),
            ("train_pipeline", "augment"), ("data_preprocessor", "normalize"), ("optim_wrapper", "optimizer"), ("optimizer", "optimizer"),
            ("param_scheduler", "schedule"), ("lr_config", "schedule"), ("train_cfg", "train.epochs"), ("runner", "train.epochs"),
            ("default_hooks", "checkpoint"), ("load_from", "model.init"),
        ]);

    public static IReadOnlyList<ForeignProgram> All { get; } = [Determined, Lightning, OpenMmLab];
}
