-- Epochs are counted from 1, as everywhere people see them (EpochNumber). Runs said the number of the current epoch from 0, and an evaluation how many
-- its checkpoint had completed, which is the same number from now on. Weights that were imported have had no step, and stay in epoch 0.
update runs set epoch = epoch + 1 where kind = 'train' and step > 0;
update metrics set epoch = epoch + 1 where step > 0;
