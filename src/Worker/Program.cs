using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Check;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Hosting;
using ChangeDetection.Worker.Models;

// Without a verb: a worker, which never loads libtorch. The other verbs are children of one, or of the command line, and do.
switch (args)
{
    case ["trainer"]:
        ExistingLibtorch.Load();
        return await TrainerHost.RunAsync(AttemptRunner.RunAsync);
    case ["devices"]:
        ExistingLibtorch.Load();
        return DeviceList.Print();
    case ["model", .. var rest]:
        ExistingLibtorch.Load();
        return ModelVerb.Run(rest);
    case ["weights", .. var rest]:
        ExistingLibtorch.Load();
        return await WeightsVerb.RunAsync(rest, Console.In, Console.Out);
    case ["check", .. var rest]:
        return await CheckVerb.RunAsync(rest, TimeProvider.System);
    case [DeviceHealth.Verb, .. var rest]:
        return await DeviceHealth.PrintAsync(rest);
    case [StepProcess.Verb, .. var rest]:
        return await StepProcess.MainAsync(rest);
    default:
        return await WorkerHost.RunAsync(args);
}
